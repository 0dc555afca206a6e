/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/profile.h>

G_BEGIN_DECLS

guint64 glow_time_axis_choose_step (guint64 span, guint most);
char   *glow_time_axis_dup_label   (GlowProfile *profile, guint64 time, guint64 step);

G_END_DECLS
