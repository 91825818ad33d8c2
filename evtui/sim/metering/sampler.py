"""The meter values of one transaction: at its beginning, while it runs, and all that its end tells (J02, E06.FR.11)."""

from datetime import datetime
from math import inf
from typing import Final

from evtui.sim.instant import Instant
from evtui.sim.messages import MeterValue
from evtui.sim.metering import sampling
from evtui.sim.metering.kept_values import KeptValues
from evtui.sim.metering.sampling import Interval, Periodic
from evtui.sim.physics.charging import Charging
from evtui.sim.station_clock import StationClock
from evtui.sim.terms import ReadingContext
from evtui.sim.variables.device_model import DeviceModel

_PERIODIC: Final = ReadingContext.SAMPLE_PERIODIC


class Sampler:
    """Samples as the variables say; who changes one calls `obey_variables`. `begun`: the values of Transaction.Begin
    were taken."""

    __slots__ = (
        "_aligned_wh",
        "_by_phase",
        "_charging",
        "_clock",
        "_enabled",
        "_ended",
        "_ended_wh",
        "_kept",
        "_model",
        "_updated",
        "_updated_measurands",
        "_updated_wh",
        "begun",
        "due_s",
    )

    def __init__(
        self,
        charging: Charging,
        model: DeviceModel,
        clock: StationClock,
        kept: KeptValues,
        now: Instant,
    ) -> None:
        self.begun = False
        self._charging = charging
        self._model = model
        self._clock = clock
        self._kept = kept
        self._updated = Periodic()
        self._ended = Periodic()
        self._updated_wh = Interval(charging.register_wh)
        self._ended_wh = Interval(charging.register_wh)
        self._aligned_wh = Interval(charging.register_wh)
        self.due_s = inf  # the elapsed time of the next sample; infinite when there is none
        self.obey_variables(now)

    @property
    def series_wh(self) -> tuple[float, ...]:
        """Where the energy of intervals was told last, in each series."""
        return self._updated_wh.since_wh, self._ended_wh.since_wh, self._aligned_wh.since_wh

    def restore(self, begun: bool, series_wh: tuple[float, ...]) -> None:
        """Goes on where the power was cut."""
        self.begun = begun
        for series, since_wh in zip((self._updated_wh, self._ended_wh, self._aligned_wh), series_wh, strict=False):
            series.since_wh = since_wh

    def obey_variables(self, now: Instant) -> None:
        """They may have changed."""
        model = self._model
        self._enabled, self._by_phase = model.flag("SampledDataCtrlr.Enabled"), sampling.by_phase(model)
        self._updated_measurands = model.members("SampledDataCtrlr.TxUpdatedMeasurands")
        self._updated.keep_to(now.elapsed_s, model.integer("SampledDataCtrlr.TxUpdatedInterval"))
        self._ended.keep_to(now.elapsed_s, model.integer("SampledDataCtrlr.TxEndedInterval"))
        self.due_s = min(self._updated.due_s, self._ended.due_s)

    def begin(self, now: Instant) -> tuple[MeterValue, ...]:
        """What is told of the beginning now; Ended tells again what was measured first."""
        if not self.begun:
            self.begun = True
            measurands = self._model.members("SampledDataCtrlr.TxEndedMeasurands")
            self._kept.add(self._take(measurands, ReadingContext.TRANSACTION_BEGIN, now))
        measurands = self._model.members("SampledDataCtrlr.TxStartedMeasurands")
        return self._take(measurands, ReadingContext.TRANSACTION_BEGIN, now)

    def interruption(self, now: Instant, context: ReadingContext) -> tuple[MeterValue, ...]:
        """What is told when the transaction is interrupted, or goes on, if it is sampled at all while it runs."""
        sampled = self._model.integer("SampledDataCtrlr.TxUpdatedInterval")
        return self.sample(now, context) if sampled else ()

    def tick(self, now: Instant) -> bool:
        """Keeps what is due for Ended; says whether a sample is due now."""
        if now.elapsed_s < self.due_s:
            return False
        if now.elapsed_s >= self._ended.due_s and self._ended.take(now.elapsed_s):
            self._keep(self._take_for_the_end(_PERIODIC, now))
        sampled = self._updated.take(now.elapsed_s)
        updated_s, ended_s = self._updated.due_s, self._ended.due_s
        self.due_s = updated_s if updated_s < ended_s else ended_s
        return sampled

    def sample(self, now: Instant, context: ReadingContext = _PERIODIC) -> tuple[MeterValue, ...]:
        """The sample that is due (J02.FR.11), or asked for; empty when nothing is to be measured."""
        periodic = context is _PERIODIC
        interval_wh = self._updated_wh.step(self._charging.register_wh) if periodic else None
        return self._take(self._updated_measurands, context, now, interval_wh)

    def keep_aligned(self, boundary: datetime) -> None:
        """Keeps clock-aligned values of that time for Ended."""
        charging, context = self._charging, ReadingContext.SAMPLE_CLOCK
        measurands = self._model.members("AlignedDataCtrlr.TxEndedMeasurands")
        by_phase, interval_wh = self._by_phase, self._aligned_wh.step(charging.register_wh)
        self._keep(sampling.take(charging, measurands, context, boundary, by_phase=by_phase, interval_wh=interval_wh))

    def _keep(self, meter_values: tuple[MeterValue, ...]) -> None:
        """Keeps values for Ended, once the transaction has measured its beginning."""
        if self.begun:
            self._kept.add(meter_values)

    def end(self, now: Instant) -> tuple[MeterValue, ...]:
        """All that Ended tells."""
        return (*self._kept.all, *self._take_for_the_end(ReadingContext.TRANSACTION_END, now))

    def _take_for_the_end(self, context: ReadingContext, now: Instant) -> tuple[MeterValue, ...]:
        interval_wh = self._ended_wh.step(self._charging.register_wh)
        return self._take(self._model.members("SampledDataCtrlr.TxEndedMeasurands"), context, now, interval_wh)

    def _take(
        self, measurands: tuple[str, ...], context: ReadingContext, now: Instant, interval_wh: float | None = None
    ) -> tuple[MeterValue, ...]:
        if not self._enabled:
            return ()
        charging, at = self._charging, self._clock.read(now)
        return sampling.take(charging, measurands, context, at, by_phase=self._by_phase, interval_wh=interval_wh)
