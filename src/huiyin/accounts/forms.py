"""The shape of what people type about themselves."""

from django import forms


class SwitchForm(forms.Form):
    """The person that a visitor of a demo wants to look through."""

    person = forms.IntegerField()
    next = forms.CharField(required=False)
