/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "api/engine_api.h"

G_BEGIN_DECLS

/**
 * GstFomoTransferPrecision:
 * @GST_FOMO_TRANSFER_PRECISION_AUTO: the fastest on the device without visible loss
 * @GST_FOMO_TRANSFER_PRECISION_FP32: 32-bit floating point
 * @GST_FOMO_TRANSFER_PRECISION_FP16: 16-bit floating point
 * @GST_FOMO_TRANSFER_PRECISION_BF16: 16-bit "brain" floating point
 *
 * Arithmetic of the network.
 *
 * Since: 0.1
 */
typedef enum {
  GST_FOMO_TRANSFER_PRECISION_AUTO = FOMO_PRECISION_AUTO,
  GST_FOMO_TRANSFER_PRECISION_FP32 = FOMO_PRECISION_FP32,
  GST_FOMO_TRANSFER_PRECISION_FP16 = FOMO_PRECISION_FP16,
  GST_FOMO_TRANSFER_PRECISION_BF16 = FOMO_PRECISION_BF16
} GstFomoTransferPrecision;

#define GST_TYPE_FOMO_TRANSFER_PRECISION (gst_fomo_transfer_precision_get_type())
GType gst_fomo_transfer_precision_get_type(void);

/**
 * GstFomoTransferCrop:
 * @GST_FOMO_TRANSFER_CROP_NONE: the whole frame, stretched to the model's shape
 * @GST_FOMO_TRANSFER_CROP_CENTER: the largest centred square, as displayed
 * @GST_FOMO_TRANSFER_CROP_FACE: a square around a face, which is followed through driving frames
 * @GST_FOMO_TRANSFER_CROP_AUTO: `face` if the model animates faces (for the picture: and the
 * picture has a face), else `center`
 * @GST_FOMO_TRANSFER_CROP_MANUAL: in driving frames the square of #GstFomoTransfer:crop-x,
 * #GstFomoTransfer:crop-y and #GstFomoTransfer:crop-size; in the picture `auto`
 *
 * The part of the picture and of the driving frames that the model sees.
 *
 * Since: 0.1
 */
typedef enum {
  GST_FOMO_TRANSFER_CROP_NONE = FOMO_CROP_NONE,
  GST_FOMO_TRANSFER_CROP_CENTER = FOMO_CROP_CENTER,
  GST_FOMO_TRANSFER_CROP_FACE = FOMO_CROP_FACE,
  GST_FOMO_TRANSFER_CROP_AUTO = FOMO_CROP_AUTO,
  GST_FOMO_TRANSFER_CROP_MANUAL = FOMO_CROP_MANUAL
} GstFomoTransferCrop;

#define GST_TYPE_FOMO_TRANSFER_CROP (gst_fomo_transfer_crop_get_type())
GType gst_fomo_transfer_crop_get_type(void);

/**
 * GstFomoTransferFaces:
 * @GST_FOMO_TRANSFER_FACES_ONE: the face that #GstFomoTransfer:face-index selects
 * @GST_FOMO_TRANSFER_FACES_ALL: all faces
 *
 * Which faces of a picture move.
 *
 * Since: 0.1
 */
typedef enum { GST_FOMO_TRANSFER_FACES_ONE, GST_FOMO_TRANSFER_FACES_ALL } GstFomoTransferFaces;

#define GST_TYPE_FOMO_TRANSFER_FACES (gst_fomo_transfer_faces_get_type())
GType gst_fomo_transfer_faces_get_type(void);

/**
 * GstFomoTransferReference:
 * @GST_FOMO_TRANSFER_REFERENCE_FIRST: the first driving frame
 * @GST_FOMO_TRANSFER_REFERENCE_AUTO: the frame nearest to the picture's pose so far; chosen anew
 * after a cut or a lost face; changes are cross-faded
 * @GST_FOMO_TRANSFER_REFERENCE_MANUAL: the frame of #GstFomoTransfer::reset-reference, or the
 * picture of #GstFomoTransfer:reference-image or #GstFomoTransfer:reference-sample
 *
 * The neutral pose of relative motion.
 *
 * Since: 0.1
 */
typedef enum {
  GST_FOMO_TRANSFER_REFERENCE_FIRST = FOMO_REFERENCE_FIRST,
  GST_FOMO_TRANSFER_REFERENCE_AUTO = FOMO_REFERENCE_AUTO,
  GST_FOMO_TRANSFER_REFERENCE_MANUAL = FOMO_REFERENCE_MANUAL
} GstFomoTransferReference;

#define GST_TYPE_FOMO_TRANSFER_REFERENCE (gst_fomo_transfer_reference_get_type())
GType gst_fomo_transfer_reference_get_type(void);

/**
 * GstFomoTransferLost:
 * @GST_FOMO_TRANSFER_LOST_HOLD: keeps the last pose
 * @GST_FOMO_TRANSFER_LOST_RELAX: returns smoothly to the picture's own pose
 * @GST_FOMO_TRANSFER_LOST_FREEZE: shows the last frame again
 *
 * What the picture does while the driver's face is lost.
 *
 * Since: 0.1
 */
typedef enum {
  GST_FOMO_TRANSFER_LOST_HOLD = FOMO_LOST_HOLD,
  GST_FOMO_TRANSFER_LOST_RELAX = FOMO_LOST_RELAX,
  GST_FOMO_TRANSFER_LOST_FREEZE = FOMO_LOST_FREEZE
} GstFomoTransferLost;

#define GST_TYPE_FOMO_TRANSFER_LOST (gst_fomo_transfer_lost_get_type())
GType gst_fomo_transfer_lost_get_type(void);

/**
 * GstFomoTransferOutput:
 * @GST_FOMO_TRANSFER_OUTPUT_FACE: the animated part alone
 * @GST_FOMO_TRANSFER_OUTPUT_PICTURE: the full picture with the animated parts in it
 *
 * What output frames show.
 *
 * Since: 0.1
 */
typedef enum {
  GST_FOMO_TRANSFER_OUTPUT_FACE,
  GST_FOMO_TRANSFER_OUTPUT_PICTURE
} GstFomoTransferOutput;

#define GST_TYPE_FOMO_TRANSFER_OUTPUT (gst_fomo_transfer_output_get_type())
GType gst_fomo_transfer_output_get_type(void);

/**
 * GstFomoTransferOverlay:
 * @GST_FOMO_TRANSFER_OVERLAY_KEYPOINTS: the keypoints of the animated picture
 * @GST_FOMO_TRANSFER_OVERLAY_MASK: which keypoint's motion each pixel follows
 * @GST_FOMO_TRANSFER_OVERLAY_GRID: a grid that moves with the picture
 * @GST_FOMO_TRANSFER_OVERLAY_OCCLUSION: areas that the picture does not show and the model invents
 * @GST_FOMO_TRANSFER_OVERLAY_CROPS: boxes around the animated parts
 * @GST_FOMO_TRANSFER_OVERLAY_GUIDE: the driver, and the best position for the driver's head
 * @GST_FOMO_TRANSFER_OVERLAY_STATS: times and confidence as text
 *
 * What is drawn over output frames.
 *
 * Since: 0.1
 */
typedef enum {
  GST_FOMO_TRANSFER_OVERLAY_KEYPOINTS = FOMO_OVERLAY_KEYPOINTS,
  GST_FOMO_TRANSFER_OVERLAY_MASK = FOMO_OVERLAY_MASK,
  GST_FOMO_TRANSFER_OVERLAY_GRID = FOMO_OVERLAY_GRID,
  GST_FOMO_TRANSFER_OVERLAY_OCCLUSION = FOMO_OVERLAY_OCCLUSION,
  GST_FOMO_TRANSFER_OVERLAY_CROPS = FOMO_OVERLAY_CROPS,
  GST_FOMO_TRANSFER_OVERLAY_GUIDE = FOMO_OVERLAY_GUIDE,
  GST_FOMO_TRANSFER_OVERLAY_STATS = FOMO_OVERLAY_STATS
} GstFomoTransferOverlay;

#define GST_TYPE_FOMO_TRANSFER_OVERLAY (gst_fomo_transfer_overlay_get_type())
GType gst_fomo_transfer_overlay_get_type(void);

/**
 * GstFomoTransferPlate:
 * @GST_FOMO_TRANSFER_PLATE_AUTO: with the built-in model
 * @GST_FOMO_TRANSFER_PLATE_ON: with every model
 * @GST_FOMO_TRANSFER_PLATE_OFF: with no model
 *
 * Whether frames show a background plate where the head has been.
 *
 * Since: 0.1
 */
typedef enum {
  GST_FOMO_TRANSFER_PLATE_AUTO,
  GST_FOMO_TRANSFER_PLATE_ON,
  GST_FOMO_TRANSFER_PLATE_OFF
} GstFomoTransferPlate;

#define GST_TYPE_FOMO_TRANSFER_PLATE (gst_fomo_transfer_plate_get_type())
GType gst_fomo_transfer_plate_get_type(void);

/**
 * GstFomoTransferMark:
 * @GST_FOMO_TRANSFER_MARK_NONE: frames are not marked
 * @GST_FOMO_TRANSFER_MARK_INVISIBLE: tags, metadata in the video stream and a mark in the pixels
 * @GST_FOMO_TRANSFER_MARK_VISIBLE: the same, and the letters AI in a corner
 *
 * How frames are marked as synthetic.
 *
 * Since: 0.1
 */
typedef enum {
  GST_FOMO_TRANSFER_MARK_NONE,
  GST_FOMO_TRANSFER_MARK_INVISIBLE,
  GST_FOMO_TRANSFER_MARK_VISIBLE
} GstFomoTransferMark;

#define GST_TYPE_FOMO_TRANSFER_MARK (gst_fomo_transfer_mark_get_type())
GType gst_fomo_transfer_mark_get_type(void);

/**
 * GstFomoTransferCorner:
 * @GST_FOMO_TRANSFER_CORNER_TOP_LEFT: top left
 * @GST_FOMO_TRANSFER_CORNER_TOP_RIGHT: top right
 * @GST_FOMO_TRANSFER_CORNER_BOTTOM_LEFT: bottom left
 * @GST_FOMO_TRANSFER_CORNER_BOTTOM_RIGHT: bottom right
 *
 * Where the visible mark is.
 *
 * Since: 0.1
 */
typedef enum {
  GST_FOMO_TRANSFER_CORNER_TOP_LEFT = FOMO_CORNER_TOP_LEFT,
  GST_FOMO_TRANSFER_CORNER_TOP_RIGHT = FOMO_CORNER_TOP_RIGHT,
  GST_FOMO_TRANSFER_CORNER_BOTTOM_LEFT = FOMO_CORNER_BOTTOM_LEFT,
  GST_FOMO_TRANSFER_CORNER_BOTTOM_RIGHT = FOMO_CORNER_BOTTOM_RIGHT
} GstFomoTransferCorner;

#define GST_TYPE_FOMO_TRANSFER_CORNER (gst_fomo_transfer_corner_get_type())
GType gst_fomo_transfer_corner_get_type(void);

G_END_DECLS
