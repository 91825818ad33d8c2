"""What controllers outside have set at an EVSE: limits, one for each source, and how much a transaction may charge."""

from evtui.sim.instant import Instant
from evtui.sim.metering.reading import Setting
from evtui.sim.physics.charging import Charging
from evtui.sim.physics.limits import STANDBY


class OutsideLimits:
    """`settings` are the limits; the running transaction, or else the next one, ends at `target_wh`."""

    __slots__ = ("_charging", "settings", "target_wh")

    def __init__(self, charging: Charging) -> None:
        self._charging = charging
        self.settings: tuple[Setting, ...] = ()
        self.target_wh: float | None = None

    def set(self, setting: Setting, now: Instant) -> None:
        """Takes the place of what the same source had set; without a figure it only takes that away."""
        settings = {each.source: each for each in self.settings}
        if setting.power_w is None and setting.current_a is None:
            settings.pop(setting.source, None)
        else:
            settings[setting.source] = setting
        self.settings = tuple(settings.values())
        self._charging.set_limit(setting.source, setting.name, setting.power_w, now, setting.current_a)

    def transaction_ended(self, now: Instant) -> None:
        """What was set for it alone is over: the next driver was not suspended, nor has a target."""
        self.target_wh = None
        self.set(Setting(STANDBY, ""), now)


def shown(setting: Setting) -> str:
    """For people."""
    figures = [(setting.power_w, "W"), (setting.current_a, "A")]
    told = ", ".join([f"{figure:g} {unit}" for figure, unit in figures if figure is not None])
    return f"{setting.name}: {told or 'no limit'}"
