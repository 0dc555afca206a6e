/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/histogram-series.h>

G_BEGIN_DECLS

/* What a Prometheus server is asked for, and as whom. Nothing of it is kept. */
typedef struct {
  const char *url;             /* of the server: "https://prometheus.example:9090", with the path it stands below */
  const char *promql;          /* a selector, whose own scrapes are asked for; or any expression that gives buckets by le, or native histograms */
  gint64 from, to;             /* wall clock, ns since 1970 */
  double step;                 /* seconds between the times of an expression; 0: the selector's own scrapes, or what suits the window */
  const char *user, *password; /* (nullable): basic authentication */
  const char *token;           /* (nullable): bearer authentication */
  const char *ca_file;         /* (nullable): certificates that are trusted, in PEM; else the system's */
  guint timeout;               /* seconds that a server may be silent; 0: 30 */
} GlowPrometheusRequest;

/* Whether it is an address to ask, and no file. */
gboolean        glow_prometheus_is_url    (const char *text);
/* Whether this build can ask. */
gboolean        glow_prometheus_can_query (void);

/**
 * glow_prometheus_query:
 *
 * Blocks: call it in a worker. Certificates are verified, always; redirections are told, not followed, so that no password goes elsewhere. The answer is
 * limited to 256 MiB. Exemplars and the server's version are asked for too; a server that has none of it is fine.
 *
 * Returns: (transfer full): intervals that touch the window, or %NULL with @error: GLOW_ERROR_SELECTION where the server refuses the expression,
 * GLOW_ERROR_EMPTY where it has no such histogram in that time, G_IO_ERROR_PERMISSION_DENIED where it wants to know who asks
 */
GlowHistograms *glow_prometheus_query     (const GlowPrometheusRequest *request, GCancellable *cancellable, GError **error);

G_END_DECLS
