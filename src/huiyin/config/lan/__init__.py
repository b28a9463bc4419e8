"""`huiyin serve --lan`: phones in the building reach the house over TLS.

addresses  where this machine can be reached in its own network
authority  the small authority that vouches for those addresses, and the certificate
serving    what all of this comes to in one run
welcome    the page that hands phones the authority's certificate, over plain HTTP
"""
