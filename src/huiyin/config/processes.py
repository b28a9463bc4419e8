"""Child processes that do not outlive us."""

import ctypes
import signal

PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent() -> None:
    """For `preexec_fn`: if we are killed outright, the child is asked to end as well.

    The kernel means the thread that starts the child: start it from one that stays.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
