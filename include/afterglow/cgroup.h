/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* What a control group holds, as far as its path tells. */
typedef enum {
  GLOW_CGROUP_OTHER,           /* a path that nothing here knows; its name is the path */
  GLOW_CGROUP_UNIT,            /* a systemd unit or a slice */
  GLOW_CGROUP_APP,             /* a desktop application: Flatpak, snap, launched by a desktop */
  GLOW_CGROUP_CONTAINER,
  GLOW_CGROUP_POD,             /* of Kubernetes, without a container below it */
} GlowCgroupKind;
const char *glow_cgroup_kind_get_id (GlowCgroupKind kind);       /* "container", stable, for JSON */

/* (transfer full): what people call it: "docker 4f2a1b3c9d0e", "nginx.service", "org.foo.Bar (Flatpak)". */
char       *glow_cgroup_dup_name    (const char *path, GlowCgroupKind *kind);

G_END_DECLS
