"""Cameras as GStreamer has them: RTSP over TCP on 127.0.0.1, digest authentication, sender reports.

Arguments: user, password. Mounts: /main and /sub are H.264, /hevc and
/hevc-sub are H.265, /jpeg is Motion JPEG. Prints the port, and ends with its standard input.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

H264 = "x264enc aud=false tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=1000 ! rtph264pay pt=96 config-interval=-1"
H265 = "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=500 ! rtph265pay pt=96 config-interval=-1"
JPEG = "jpegenc ! rtpjpegpay pt=26"
MOUNTS = {
    "/main": (1280, 720, H264),
    "/sub": (640, 360, H264),
    "/hevc": (640, 360, H265),
    "/hevc-sub": (320, 180, H265),
    "/jpeg": (320, 180, JPEG),
}

Gst.init(None)
user, password = sys.argv[1:]

token = GstRtspServer.RTSPToken()
token.set_string("media.factory.role", "viewer")
auth = GstRtspServer.RTSPAuth()
auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
auth.add_digest(user, password, token)
permissions = GstRtspServer.RTSPPermissions()
for permission in ("media.factory.access", "media.factory.construct"):
    permissions.add_permission_for_role("viewer", permission, True)

server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
server.set_auth(auth)
for path, (width, height, encoder) in MOUNTS.items():
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        f"( videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width={width},height={height},framerate=15/1"
        f" ! {encoder} name=pay0 )"
    )
    factory.set_shared(True)
    factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP)
    factory.set_permissions(permissions)
    server.get_mount_points().add_factory(path, factory)
server.attach(None)

loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP | GLib.IOCondition.IN, lambda *_: loop.quit())
print(server.get_bound_port(), flush=True)
loop.run()
