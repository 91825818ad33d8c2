"""The rate of charging that a CSMS knows of: what an EVSE offered when it was last told of it (E02.FR.17)."""

from evtui.sim.variables.device_model import DeviceModel

_SIGNIFICANCE = "SmartChargingCtrlr.LimitChangeSignificance"


class Rate:
    """Of one EVSE, in W; 0 while it offers nothing."""

    __slots__ = ("_model", "_told_w")

    def __init__(self, model: DeviceModel) -> None:
        self._model = model
        self._told_w = 0.0

    def tell(self, offered_w: float) -> None:
        """The CSMS hears of the state of charging, so of this rate too."""
        self._told_w = offered_w

    def changed(self, offered_w: float) -> bool:
        """The rate differs by more than LimitChangeSignificance from what was told; then it counts as told. Where
        nothing is offered, or was, the charging state says so."""
        told_w = self._told_w
        if (
            not told_w
            or not offered_w
            or abs(offered_w - told_w) * 100.0 <= told_w * self._model.decimal(_SIGNIFICANCE)
        ):
            return False
        self._told_w = offered_w
        return True
