/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

/* (transfer full) */
AdwApplication *glow_application_new (void);

G_END_DECLS
