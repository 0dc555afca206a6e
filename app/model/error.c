/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one error domain of the library. */
#include <afterglow/error.h>

G_DEFINE_QUARK (glow-error-quark, glow_error)
