/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * GlowError:
 * @GLOW_ERROR_FAILED: anything a caller can do nothing specific about
 * @GLOW_ERROR_NOT_RECOGNISED: the content is of no format that is read here
 * @GLOW_ERROR_UNSUPPORTED: the format is known, this variant of it is not read
 * @GLOW_ERROR_DAMAGED: the input is of a known format, but nothing of it could be read
 * @GLOW_ERROR_EMPTY: read, but there are no samples (in the file, or after the selection)
 * @GLOW_ERROR_SELECTION: a selection's words are wrong (bad regex, bad time, unknown event)
 * @GLOW_ERROR_OUTPUT: an output could not be written
 *
 * Cancellation is G_IO_ERROR_CANCELLED, a missing file is a #GIOErrorEnum, as GIO reports them.
 */
typedef enum {
  GLOW_ERROR_FAILED,
  GLOW_ERROR_NOT_RECOGNISED,
  GLOW_ERROR_UNSUPPORTED,
  GLOW_ERROR_DAMAGED,
  GLOW_ERROR_EMPTY,
  GLOW_ERROR_SELECTION,
  GLOW_ERROR_OUTPUT,
} GlowError;

#define GLOW_ERROR (glow_error_quark ())
GQuark glow_error_quark (void);

G_END_DECLS
