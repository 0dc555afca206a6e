/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "model/profile-private.h"

G_BEGIN_DECLS

guint32 *glow_stacks_order (GlowStackArrays *stacks);

G_END_DECLS
