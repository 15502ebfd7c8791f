cd /tmp/conv; S=${1:-/work/main}
g++ -O3 -std=c++17 -I$S conv.cc $S/gst/frame_converter.cc $S/face/frame_view.cc -o conv $(pkg-config --cflags --libs gstreamer-video-1.0) -I/usr/include/opencv4
