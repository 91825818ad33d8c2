"""Clock-aligned data: values at whole multiples of an interval since midnight, for the CSMS and for Ended (J01)."""

from collections.abc import Callable, Sequence
from math import inf

from evtui.sim.actions import NoticeKind
from evtui.sim.evse import Evse
from evtui.sim.flows import Flow
from evtui.sim.instant import Instant
from evtui.sim.messages import MeterValues
from evtui.sim.metering import sampling
from evtui.sim.metering.sampling import ClockAligned, Interval
from evtui.sim.station_clock import StationClock
from evtui.sim.surroundings import Say
from evtui.sim.terms import ReadingContext
from evtui.sim.variables.device_model import DeviceModel

_INTERVAL = "AlignedDataCtrlr.Interval"


class AlignedData:
    """The clock-aligned data of a station. `send` takes MeterValues; it may drop them."""

    __slots__ = (
        "_clock",
        "_each_wh",
        "_ended",
        "_evses",
        "_flow",
        "_grid_wh",
        "_model",
        "_own_interval",
        "_say",
        "_send",
        "_sent",
        "due_s",
    )

    def __init__(
        self,
        flow: Flow,
        model: DeviceModel,
        clock: StationClock,
        evses: Sequence[Evse],
        send: Callable[[MeterValues], bool],
        say: Say,
    ) -> None:
        self._flow = flow
        self._model = model
        self._clock = clock
        self._evses = evses
        self._send = send
        self._say = say
        self._sent = ClockAligned()
        self._ended = ClockAligned()
        self.due_s = inf  # the elapsed time of the next boundary that matters; infinite when there is none
        meters = [evse.charging for evse in evses]
        self._grid_wh = Interval(sampling.register_wh(meters))
        self._each_wh = [Interval(meter.register_wh) for meter in meters]
        self._own_interval = "0"
        if flow.aligned_in_transaction:
            self._own_interval = model.get(_INTERVAL)
            model.set_local(_INTERVAL, "0")

    def keep_to_intervals(self, now: Instant, *, clock_set: bool = False) -> None:
        """The variables may have changed, or the clock."""
        self._keep(now, running=self._running > 0)
        if clock_set:
            at = self._clock.read(now)
            self._sent.plan(at, now.elapsed_s)
            self._ended.plan(at, now.elapsed_s)
            self.due_s = min(self._sent.due_s, self._ended.due_s)

    def transaction_begins(self, now: Instant) -> None:
        """A flow may have an interval of its own for this time; what somebody else has set stays."""
        if self._model.get(_INTERVAL) == "0" != self._own_interval:
            self._set_interval(self._own_interval, "a transaction runs")
        self._keep(now, running=True)

    def transaction_ends(self, now: Instant) -> None:
        """One is about to end, maybe the last."""
        if self._running > 1:
            return
        if self._flow.aligned_in_transaction and self._model.get(_INTERVAL) == self._own_interval != "0":
            self._set_interval("0", "no transaction runs any more")
        self._keep(now, running=False)

    @property
    def _running(self) -> int:
        return sum(evse.transaction is not None for evse in self._evses)

    def _keep(self, now: Instant, *, running: bool) -> None:
        """Values for Ended matter only while a transaction runs."""
        at = self._clock.read(now)
        enabled = self._model.flag("AlignedDataCtrlr.Enabled")
        ended_s = self._model.integer("AlignedDataCtrlr.TxEndedInterval") if running and enabled else 0
        self._sent.keep_to(self._model.integer(_INTERVAL) * enabled, at, now.elapsed_s)
        self._ended.keep_to(ended_s, at, now.elapsed_s)
        self.due_s = min(self._sent.due_s, self._ended.due_s)

    def tick(self, now: Instant) -> None:
        """What is due."""
        at = self._clock.read(now)
        kept, boundary = self._ended.take(at, now.elapsed_s), self._sent.take(at, now.elapsed_s)
        self.due_s = min(self._sent.due_s, self._ended.due_s)
        if kept is not None:
            for evse in self._evses:
                evse.recorder.keep_aligned(kept)
        if boundary is None:
            return
        meters = [evse.charging for evse in self._evses]
        grid_wh = self._grid_wh.step(sampling.register_wh(meters))
        steps_wh = [since.step(meter.register_wh) for since, meter in zip(self._each_wh, meters, strict=True)]
        if self._running and self._model.flag("AlignedDataCtrlr.SendDuringIdle"):  # J01.FR.20
            return
        measurands, context = self._model.members("AlignedDataCtrlr.Measurands"), ReadingContext.SAMPLE_CLOCK
        by_phase = sampling.by_phase(self._model)
        if self._flow.grid_meter:
            values = sampling.take_grid(meters, measurands, context, boundary, by_phase=by_phase, interval_wh=grid_wh)
            if values:
                self._send(MeterValues(0, values))
        for evse, interval_wh in zip(self._evses, steps_wh, strict=True):
            values = sampling.take(
                evse.charging, measurands, context, boundary, by_phase=by_phase, interval_wh=interval_wh
            )
            if not values:
                continue
            if evse.transaction is None:
                self._send(MeterValues(evse.id, values))
            elif self._flow.aligned_events:
                evse.recorder.clock_sample(now, values)
            elif self._send(MeterValues(evse.id, values, evse.transaction.id)):
                evse.recorder.say_sample()

    def _set_interval(self, value: str, why: str) -> None:
        self._model.set_local(_INTERVAL, value)
        self._say(NoticeKind.VARIABLE, f"{_INTERVAL} is {value} now: {why}")
