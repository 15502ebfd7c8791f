#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Times one driving frame of a First Order Motion Model in OpenVINO and ONNX Runtime on this CPU.

The network is built here as two ONNX graphs with random weights (batch norms folded, as an exporter would do):
keypoints of a driving frame, and the picture from source, keypoints and Jacobians. That is how people deploy the
model today: the source goes through the encoder again with every frame unless --cache-source is given, which
moves the encoder out of the timed graph.

tests/peers.sh installs what it takes, and runs it beside the engine.

    peers.py [--model vox|builtin] [--threads 2] [--frames 8] [--cache-source] [--only openvino,...] [--json]
"""
import argparse, json, time
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIZES = {
    'vox': dict(kp=10, jacobian_maps=10, kp_expansion=32, kp_max=1024, motion_expansion=64, motion_max=1024,
                expansion=64, maximum=512, blocks=6),
    # The built-in model: 16 keypoints, one map of Jacobians.
    'builtin': dict(kp=16, jacobian_maps=1, kp_expansion=20, kp_max=128, motion_expansion=16, motion_max=128,
                    expansion=16, maximum=64, blocks=2),
}


class Graph:
    def __init__(self, seed):
        self.nodes, self.weights, self.n, self.rng = [], [], 0, np.random.default_rng(seed)

    def const(self, value, dtype=np.float32):
        self.n += 1
        name = f'c{self.n}'
        self.weights.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def op(self, kind, inputs, outputs=1, **attributes):
        self.n += 1
        names = [f't{self.n}_{i}' for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def conv(self, x, cin, cout, k, pad, group=1, relu=False):
        fan = cin // group * k * k
        w = self.rng.normal(0, (2 / fan) ** .5, (cout, cin // group, k, k))
        x = self.op('Conv', [x, self.const(w), self.const(self.rng.normal(0, .02, cout))], kernel_shape=[k, k],
                    pads=[pad] * 4, group=group)
        return self.op('Relu', [x]) if relu else x

    def up(self, x):
        return self.op('Resize', [x, '', self.const([1, 1, 2, 2])], mode='nearest', nearest_mode='floor',
                       coordinate_transformation_mode='asymmetric')

    def pool(self, x):
        return self.op('AveragePool', [x], kernel_shape=[2, 2], strides=[2, 2])

    def reshape(self, x, shape):
        return self.op('Reshape', [x, self.const(shape, np.int64)])

    def antialias(self, x):
        g = np.exp(-(np.arange(13) - 6) ** 2 / (2 * 1.5 ** 2))
        k = np.outer(g, g) / g.sum() ** 2
        return self.op('Conv', [x, self.const(np.tile(k, (3, 1, 1, 1)))], kernel_shape=[13, 13], pads=[6] * 4,
                       strides=[4, 4], group=3)

    def hourglass(self, x, cin, expansion, maximum, blocks=5):
        skips, widths = [x], [cin]
        for i in range(blocks):
            c = min(maximum, expansion * 2 ** (i + 1))
            x = self.pool(self.conv(x, widths[-1], c, 3, 1, relu=True))
            skips.append(x), widths.append(c)
        c = widths[-1]
        for i in reversed(range(blocks)):
            out = min(maximum, expansion * 2 ** i)
            x = self.conv(self.up(x), c, out, 3, 1, relu=True)
            x = self.op('Concat', [x, skips[i]], axis=1)
            c = out + widths[i]
        return x, c

    def heat(self, x, channels, height, width):
        """Softmax over the places of each channel."""
        return self.reshape(self.op('Softmax', [self.reshape(x, [1, channels, height * width])], axis=2),
                            [1, channels, height, width])

    def model(self, inputs, outputs):
        value = lambda n, s: helper.make_tensor_value_info(n, TensorProto.FLOAT, s)
        g = helper.make_graph(self.nodes, 'g', [value(*i) for i in inputs], [value(*o) for o in outputs], self.weights)
        m = helper.make_model(g, opset_imports=[helper.make_opsetid('', 16)])
        m.ir_version = 8
        onnx.checker.check_model(m)
        return m.SerializeToString()


def grid(n):
    a = np.linspace(-1, 1, n)
    return np.stack(np.meshgrid(a, a), -1)  # [n][n][x, y]


def keypoint_graph(s):
    g, k, m = Graph(1), s['kp'], s['jacobian_maps']
    x, c = g.hourglass(g.antialias('driving'), 3, s['kp_expansion'], s['kp_max'])
    heat = g.heat(g.op('Div', [g.conv(x, c, k, 7, 0), g.const(.1)]), k, 58, 58)
    place = g.op('Mul', [g.reshape(heat, [1, k, 58, 58, 1]), g.const(grid(58)[None, None])])
    value = g.op('ReduceSum', [place, g.const([2, 3], np.int64)], keepdims=0)
    maps = g.reshape(g.conv(x, c, 4 * m, 7, 0), [1, m, 4, 58, 58])
    jac = g.op('ReduceSum', [g.op('Mul', [maps, g.reshape(heat, [1, k, 1, 58, 58])]), g.const([3, 4], np.int64)], keepdims=0)
    g.nodes += [helper.make_node('Identity', [value], ['value']), helper.make_node('Reshape', [jac, g.const([1, k, 2, 2], np.int64)], ['jacobian'])]
    return g.model([('driving', [1, 3, 256, 256])], [('value', [1, k, 2]), ('jacobian', [1, k, 2, 2])])


def encoder(g, s):
    e = lambda i: min(s['maximum'], s['expansion'] * 2 ** i)
    x = g.conv('source', 3, e(0), 7, 3, relu=True)
    for i in range(2):
        x = g.pool(g.conv(x, e(i), e(i + 1), 3, 1, relu=True))
    return x, e(2)


def picture_graph(s, cached):
    g, k = Graph(2), s['kp']
    e = lambda i: min(s['maximum'], s['expansion'] * 2 ** i)
    small = g.antialias('source')
    at = lambda kp: g.op('Exp', [g.op('Mul', [g.op('ReduceSum', [g.op('Pow', [g.op('Sub', [g.const(grid(64)[None, None]), g.reshape(kp, [1, k, 1, 1, 2])]), g.const(2)]), g.const([4], np.int64)], keepdims=0), g.const(-50)])])
    heat = g.op('Concat', [g.const(np.zeros((1, 1, 64, 64))), g.op('Sub', [at('dv'), at('sv')])], axis=1)
    rel = g.op('Sub', [g.const(grid(64)[None, None]), g.reshape('dv', [1, k, 1, 1, 2])])
    moved = g.op('MatMul', [g.reshape('j', [1, k, 1, 1, 2, 2]), g.op('Unsqueeze', [rel, g.const([5], np.int64)])])
    moved = g.op('Add', [g.op('Squeeze', [moved, g.const([5], np.int64)]), g.reshape('sv', [1, k, 1, 1, 2])])
    motions = g.op('Concat', [g.const(grid(64)[None, None]), moved], axis=1)
    sources = g.op('Expand', [small, g.const([k + 1, 3, 64, 64], np.int64)])
    warped = g.op('GridSample', [sources, g.reshape(motions, [k + 1, 64, 64, 2])], align_corners=1)
    x = g.op('Concat', [g.reshape(heat, [1, k + 1, 1, 64, 64]), g.reshape(warped, [1, k + 1, 3, 64, 64])], axis=2)
    x, c = g.hourglass(g.reshape(x, [1, 4 * (k + 1), 64, 64]), 4 * (k + 1), s['motion_expansion'], s['motion_max'])
    mask = g.op('Softmax', [g.conv(x, c, k + 1, 7, 3)], axis=1)
    deformation = g.op('ReduceSum', [g.op('Mul', [motions, g.reshape(mask, [1, k + 1, 64, 64, 1])]), g.const([1], np.int64)], keepdims=0)
    occlusion = g.op('Sigmoid', [g.conv(x, c, 1, 7, 3)])
    features, c = ('features', e(2)) if cached else encoder(g, s)
    x = g.op('Mul', [g.op('GridSample', [features, deformation], align_corners=1), occlusion])
    for _ in range(s['blocks']):
        a = g.const(g.rng.normal(1, .1, (1, c, 1, 1)))
        y = g.conv(g.op('Relu', [g.op('Mul', [x, a])]), c, c, 3, 1, relu=True)
        x = g.op('Add', [x, g.op('Mul', [g.conv(y, c, c, 3, 1), g.const(.1)])])
    for i in (1, 0):
        x = g.conv(g.up(x), c, e(i), 3, 1, relu=True)
        c = e(i)
    x = g.op('Sigmoid', [g.conv(x, c, 3, 7, 3)])
    g.nodes.append(helper.make_node('Identity', [x], ['picture']))
    inputs = [('source', [1, 3, 256, 256]), ('dv', [1, k, 2]), ('sv', [1, k, 2]), ('j', [1, k, 2, 2])]
    return g.model(inputs + [('features', [1, e(2), 64, 64])] * cached, [('picture', [1, 3, 256, 256])])


def median_ms(f, frames):
    f(), f()
    t = []
    for _ in range(frames):
        a = time.perf_counter()
        f()
        t.append((time.perf_counter() - a) * 1e3)
    return float(np.median(t))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--model', choices=SIZES, default='vox')
    p.add_argument('--threads', type=int, default=2)
    p.add_argument('--frames', type=int, default=8)
    p.add_argument('--cache-source', action='store_true')
    p.add_argument('--only', default='openvino,openvino-bf16,openvino-default,onnxruntime')
    p.add_argument('--json', action='store_true')
    a = p.parse_args()
    s, k = SIZES[a.model], SIZES[a.model]['kp']
    kp, picture = keypoint_graph(s), picture_graph(s, a.cache_source)
    r = np.random.default_rng(0)
    frame = r.random((1, 3, 256, 256), np.float32)
    feed = dict(source=frame, dv=(r.random((1, k, 2), np.float32) - .5), sv=(r.random((1, k, 2), np.float32) - .5),
                j=np.tile(np.eye(2, dtype=np.float32), (1, k, 1, 1)))
    if a.cache_source:
        feed['features'] = r.random((1, min(s['maximum'], s['expansion'] * 4), 64, 64), np.float32)
    result = {}
    for name in a.only.split(','):
        if name.startswith('openvino'):
            import openvino as ov
            options = {'INFERENCE_NUM_THREADS': a.threads, 'PERFORMANCE_HINT': 'LATENCY'}
            precision = {'openvino': 'f32', 'openvino-bf16': 'bf16', 'openvino-default': None}[name]
            if precision:
                options['INFERENCE_PRECISION_HINT'] = precision
            both = [ov.Core().compile_model(ov.Core().read_model(m, b''), 'CPU', options).create_infer_request() for m in (kp, picture)]
            def run():
                both[0].infer({'driving': frame})
                both[1].infer(feed)
        else:
            import onnxruntime as ort
            o = ort.SessionOptions()
            o.intra_op_num_threads = a.threads
            both = [ort.InferenceSession(m, o, providers=['CPUExecutionProvider']) for m in (kp, picture)]
            def run():
                both[0].run(None, {'driving': frame})
                both[1].run(None, feed)
        result[name] = round(median_ms(run, a.frames), 2)
        if not a.json:
            print(f'{name:18} {result[name]:9.1f} ms a frame, {a.model}, {a.threads} thread(s)', flush=True)
    if a.json:
        print(json.dumps(result))


main()
