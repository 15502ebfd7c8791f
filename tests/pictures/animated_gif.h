/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FOMO_TESTS_ANIMATED_GIF_H
#define FOMO_TESTS_ANIMATED_GIF_H

/* A GIF file of 8x6 pixels for tests in C and C++: two frames of 6x4 at 1, 1, each shown for 0.1 s.
 * The first is interlaced and has red (0), green (1) and what shows through (2); the second is all
 * red. */
static const unsigned char animated_gif[] = {
    'G',  'I',  'F', '8', '9',  'a',  8,    0,    6,    0,    0x81, 0,    0,    200, 0,
    0,    0,    200, 0,   0,    0,    200,  9,    9,    9,    0x21, 0xff, 0x0b, 'N', 'E',
    'T',  'S',  'C', 'A', 'P',  'E',  '2',  '.',  '0',  3,    1,    0,    0,    0,   0x21,
    0xf9, 4,    5,   10,  0,    2,    0,    0x2c, 1,    0,    1,    0,    6,    0,   4,
    0,    0x40, 2,   9,   0x04, 0x12, 0xa2, 0x62, 0x88, 0x6a, 0x5a, 0x12, 0x05, 0,   0x21,
    0xf9, 4,    5,   10,  0,    2,    0,    0x2c, 1,    0,    1,    0,    6,    0,   4,
    0,    0x40, 2,   4,   0x84, 0x8f, 0xa9, 0x57, 0,    0x3b};

#endif
