/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours of a diff. Blue and orange are the pair that eyes of every kind keep apart; the steps differ in lightness, so that they hold in grey too. */
#include <config.h>

#include <afterglow/diff-paint.h>
#include <afterglow/diff-text.h>

#include <math.h>
#include <string.h>

/* From CIE lightness 88 down to 66 in equal steps, so that black keeps 7:1 on the darkest. */
static const GlowColor grew[GLOW_DIFF_STEPS] = {
  { 0.984f, 0.886f, 0.800f }, { 0.988f, 0.804f, 0.643f }, { 0.984f, 0.714f, 0.475f }, { 0.976f, 0.620f, 0.306f }, { 0.953f, 0.518f, 0.149f },
};
static const GlowColor shrank[GLOW_DIFF_STEPS] = {
  { 0.824f, 0.906f, 0.984f }, { 0.682f, 0.831f, 0.976f }, { 0.537f, 0.749f, 0.965f }, { 0.404f, 0.667f, 0.945f }, { 0.290f, 0.580f, 0.914f },
};
static const GlowColor no_evidence[GLOW_N_THEMES] = {
  [GLOW_THEME_LIGHT] = { 0.871f, 0.867f, 0.855f },
  [GLOW_THEME_DARK] = { 0.647f, 0.643f, 0.635f },
  [GLOW_THEME_LIGHT_CONTRAST] = { 0.902f, 0.898f, 0.886f },
  [GLOW_THEME_DARK_CONTRAST] = { 0.749f, 0.745f, 0.737f },
};
static const GlowColor ink = { 0.09f, 0.09f, 0.11f }, black = { 0, 0, 0 };

GlowColor
glow_diff_get_color (GlowTheme theme, gint step)
{
  if (step == 0)
    return no_evidence[theme];
  return step > 0 ? grew[MIN (step, GLOW_DIFF_STEPS) - 1] : shrank[MIN (-step, GLOW_DIFF_STEPS) - 1];
}

double
glow_diff_get_step_least (GlowDiff *self, guint step)
{
  static const double times[GLOW_DIFF_STEPS] = { 1, 3, 10, 30, 100 };
  double whole = MAX (glow_diff_get_side (self, GLOW_BEFORE)->value, glow_diff_get_side (self, GLOW_AFTER)->value);

  return times[CLAMP (step, 1, GLOW_DIFF_STEPS) - 1] * glow_diff_get_options (self)->floor * whole;
}

gint
glow_diff_get_step (GlowDiff *self, double change)
{
  gint step = 1;

  while (step < GLOW_DIFF_STEPS && fabs (change) >= glow_diff_get_step_least (self, (guint) step + 1))
    step++;
  return change < 0 ? -step : step;
}

char *
glow_diff_dup_step_label (GlowDiff *self, gint step)
{
  double least = glow_diff_get_step_least (self, (guint) ABS (step));

  /* "+0.3", the unit is told once. */
  if (glow_diff_get_options (self)->base == GLOW_DIFF_SHARE)
    return g_strdup_printf ("%s%g", step > 0 ? "+" : "\xe2\x88\x92", round (least * 1e5) / 1e3);
  return glow_diff_text_change (self, step > 0 ? least : -least);
}

void
glow_diff_pane_get_style (const GlowDiffPane *self, GlowTheme theme, guint32 node, GlowDiffStyle *style)
{
  const GlowDiffNodes *nodes = glow_diff_get_nodes (self->diff);
  double before = nodes->total[GLOW_BEFORE][node], after = nodes->total[GLOW_AFTER][node], own = self->side == GLOW_BEFORE ? before : after;

  *style = (GlowDiffStyle) { .part = 1, .text = theme >= GLOW_THEME_LIGHT_CONTRAST ? black : ink };
  style->fill = glow_diff_get_color (theme, nodes->matters[node] ? glow_diff_get_step (self->diff, after - before) : 0);
  if (node == 0)
    return;
  style->mark = before == 0 ? 1 : after == 0 ? -1 : 0;
  style->is_uncertain = nodes->matters[node] && nodes->is_uncertain[node];
  if (self->side < 0)
    {
      style->is_absent = FALSE;
      return;
    }
  style->is_absent = own == 0;
  /* A rectangle of the union is wider than either side: what this one has of it fills it from the left. */
  if (self->width == GLOW_DIFF_WIDTH_LARGER)
    style->part = CLAMP (own / MAX (glow_diff_get_node_width (self->diff, self->width, node), 1e-300), 0, 1);
}
