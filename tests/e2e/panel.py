"""A real panel with its tray, and a real daemon for notifications, for pictures: xfce4-panel and dunst."""

from __future__ import annotations

from pathlib import Path

from desktop import Desktop
from stand_in import Bus, until
from tray_watcher import NAME as WATCHER

HEIGHT = 36
ICON = 22
PROGRAMS = ("xfce4-panel", "dunst")

PANEL = f"""<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="DARK"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="{HEIGHT}"/>
      <property name="icon-size" type="uint" value="{ICON}"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
        <value type="int" value="3"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="tasklist"/>
    <property name="plugin-2" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-3" type="string" value="systray">
      <property name="icon-size" type="int" value="{ICON}"/>
    </property>
  </property>
</channel>
"""

DUNST = """
[global]
    width = 360
    height = 200
    origin = top-right
    offset = 20x56
    font = DejaVu Sans 10
    markup = full
    format = "<b>%s</b>\\n%b"
    frame_width = 1
    frame_color = "#888888"
[urgency_normal]
    background = "BACKGROUND"
    foreground = "FOREGROUND"
    timeout = 30
"""


class RealPanel:
    """A panel along the top of the screen."""

    def __init__(self, desktop: Desktop, *, dark: bool) -> None:
        self.desktop = desktop
        folder = Path(desktop.env["XDG_CONFIG_HOME"]) / "xfce4" / "xfconf" / "xfce-perchannel-xml"
        folder.mkdir(parents=True)
        (folder / "xfce4-panel.xml").write_text(PANEL.replace("DARK", str(dark).lower()))
        desktop.start(["xfce4-panel", "--disable-wm-check"])
        bus = Bus(desktop.env["DBUS_SESSION_BUS_ADDRESS"])
        until("the panel's tray", lambda: bus.has_owner(WATCHER), 30)
        bus.close()

    def icon(self) -> tuple[int, int]:
        """Returns the middle of the last icon of the tray."""
        width, _ = self.desktop.size
        return width - HEIGHT // 2, HEIGHT // 2

    def click(self, button: int = 1) -> None:
        """Clicks the icon."""
        x, y = self.icon()
        self.desktop.run(["xdotool", "mousemove", str(x), str(y), "sleep", "0.3", "click", str(button)])


def start_dunst(desktop: Desktop, *, dark: bool) -> None:
    """Brings up the daemon for notifications."""
    background, foreground = ("#2a2a2e", "#f2f2f2") if dark else ("#fafafa", "#202024")
    config = desktop.folder / "dunstrc"
    config.write_text(DUNST.replace("BACKGROUND", background).replace("FOREGROUND", foreground))
    desktop.start(["dunst", "-config", config])
    bus = Bus(desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    until("dunst", lambda: bus.has_owner("org.freedesktop.Notifications"), 20)
    bus.close()
