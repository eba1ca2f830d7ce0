# pyright: reportMissingImports=false
"""Dagster's launcher of a Kubernetes Job for each run, which holds a run's lock until its pod does.

A pod may wait minutes for a node; a run whose lock nobody holds is taken for dead within seconds.
It comes with the extra `kubernetes`.
"""

import threading
from contextlib import ExitStack
from typing import cast

from dagster._core.launcher import LaunchRunContext
from dagster_k8s import K8sRunLauncher

from resources.base.runs.run_launcher import HoldsLocks, wait_for_handover

HANDOVER_SECONDS = 600.0
"""How long a pod may take from its Job to the run's first event."""

_PAUSE_SECONDS = 2.0


class LockedK8sRunLauncher(K8sRunLauncher):
    """Launches runs so that a living one always has its lock held.

    To stop a run deletes its Job, as the parent does: the run ends as by Ctrl+C, and one whose pod
    never came is cancelled once its lock is free.
    """

    def launch_run(self, context: LaunchRunContext) -> None:
        """Hold the lock, make the Job, and let the lock go when the pod has it; waits for none."""
        run_id = context.dagster_run.run_id
        log = cast("HoldsLocks", self._instance.event_log_storage)
        with ExitStack() as held:
            held.enter_context(log.holding(run_id))
            super().launch_run(context)
            # The next run need not wait for this one's pod.
            threading.Thread(
                target=self._hand_over,
                args=(run_id, held.pop_all()),
                name="hand over run lock",
                daemon=True,
            ).start()

    def _hand_over(self, run_id: str, held: ExitStack) -> None:
        with held:
            wait_for_handover(self._instance, run_id, HANDOVER_SECONDS, _PAUSE_SECONDS)
