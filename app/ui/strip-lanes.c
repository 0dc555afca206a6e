/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each event's rate against its own highest, one below the other; those that the query does not take are there too, for what they tell of the time. */
#include <config.h>

#include "ui/strip-marks.h"

#include <afterglow/text.h>
#include <glib/gi18n.h>

#define MOST_LANES 6

typedef struct {
  guint32 event;
  GlowDensity *density;
} Lane;

static void
clear_lane (gpointer data)
{
  glow_density_unref (((Lane *) data)->density);
}

GArray *
glow_strip_lanes_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable)
{
  GArray *lanes = g_array_new (FALSE, FALSE, sizeof (Lane));
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (profile, &n);

  g_array_set_clear_func (lanes, clear_lane);
  for (guint32 e = 0; e < n; e++)
    {
      const char *name = glow_profile_get_string (profile, events[e].name);
      g_autoptr(GlowQuery) counted = glow_query_with_weight (query, GLOW_WEIGHT_SAMPLES), own = NULL;
      Lane lane = { e, NULL };
      guint larger = 0;

      for (guint32 other = 0; other < n; other++)
        larger += events[other].n_samples > events[e].n_samples || (events[other].n_samples == events[e].n_samples && other < e);
      if (events[e].n_samples == 0 || larger >= MOST_LANES)
        continue;
      own = glow_query_with_only (counted, GLOW_QUERY_EVENT, name, NULL);
      lane.density = own != NULL ? glow_density_compute (profile, own, cancellable, NULL) : NULL;
      if (lane.density != NULL)
        g_array_append_val (lanes, lane);
    }
  return lanes;
}

/* (transfer full) */
static GlowHeatMap *
compute_lane (const GArray *lanes, guint index, const GlowHeatMap *map)
{
  GlowHeatMapOptions options = { map->options.from, map->options.to, map->options.width, map->options.height / lanes->len - 2, 1 };

  return glow_heat_map_compute (g_array_index (lanes, Lane, index).density, &options);
}

void
glow_strip_lanes_draw (const GArray *lanes, cairo_t *cr, const GlowHeatMap *map, GlowTheme theme)
{
  for (guint l = 0; l < lanes->len; l++)
    {
      g_autoptr(GlowHeatMap) lane = compute_lane (lanes, l, map);

      cairo_save (cr);
      cairo_translate (cr, 0, l * map->options.height / lanes->len + 1);
      glow_heat_map_paint (lane, cr, theme, GLOW_STRIP_RATE);
      cairo_restore (cr);
    }
}

void
glow_strip_lanes_draw_names (const GArray *lanes, GtkWidget *widget, GtkSnapshot *snapshot, const GlowHeatMap *map, double x, double y)
{
  for (guint l = 0; l < lanes->len; l++)
    {
      const Lane *lane = &g_array_index (lanes, Lane, l);
      GlowProfile *profile = glow_density_get_profile (lane->density);
      g_autoptr(GlowHeatMap) counts = compute_lane (lanes, l, map);
      g_autofree char *name = g_utf8_make_valid (glow_profile_get_string (profile, glow_profile_get_events (profile, NULL)[lane->event].name), -1);
      g_autofree char *rate = glow_text_count ((guint64) (counts->largest * 1e9 / counts->column + 0.5)), *label = g_strdup_printf (_("%s · at most %s/s"), name, rate);

      glow_strip_draw_text (widget, snapshot, label, x + 3, y + l * map->options.height / lanes->len + 1, 0, map->options.width, TRUE);
    }
}
