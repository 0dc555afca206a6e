/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours of frames. A frame's colour depends on its own names alone: the same function looks the same in every file. Hues are from the
 * blue-orange axis, which colour-blind eyes keep apart; shades within a kind only tell neighbours apart. */
#include <config.h>

#include <afterglow/palette.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

static const GlowColor dark_text = { 0.10f, 0.10f, 0.12f }, black = { 0, 0, 0 };

/* Hue in degrees, saturation and lightness; the lightness moves by ±spread with the name. */
typedef struct { float hue, saturation, lightness, spread; } Tone;

static const Tone kinds[GLOW_N_FRAME_KINDS] = {
  [GLOW_FRAME_UNKNOWN] = { 50, 0.03f, 0.76f, 0.03f },
  [GLOW_FRAME_USER] = { 33, 0.84f, 0.66f, 0.06f },
  [GLOW_FRAME_KERNEL] = { 222, 0.58f, 0.74f, 0.05f },
  [GLOW_FRAME_JIT] = { 134, 0.38f, 0.71f, 0.04f },
  [GLOW_FRAME_INLINED] = { 38, 0.88f, 0.80f, 0.03f },
  [GLOW_FRAME_RUNTIME] = { 312, 0.25f, 0.67f, 0.03f },
  [GLOW_FRAME_GUEST] = { 185, 0.40f, 0.70f, 0.04f },
  [GLOW_FRAME_HYPERVISOR] = { 340, 0.45f, 0.78f, 0.03f },
  [GLOW_FRAME_GROUP] = { 48, 0.10f, 0.84f, 0.01f },
};

/* Found by search: the two nearest are 18 apart (CIE 1976) to normal, protanope, deuteranope and tritanope eyes alike. */
static const Tone roles[GLOW_N_ROLES] = {
  [GLOW_ROLE_NONE] = { 45, 0.10f, 0.82f, 0.015f },
  [GLOW_ROLE_GC] = { 266, 0.93f, 0.76f, 0.015f },
  [GLOW_ROLE_COMPILER] = { 50, 0.95f, 0.54f, 0.015f },
  [GLOW_ROLE_INTERPRETER] = { 93, 0.95f, 0.74f, 0.015f },
  [GLOW_ROLE_ALLOCATOR] = { 121, 0.62f, 0.46f, 0.015f },
  [GLOW_ROLE_LOCK] = { 14, 0.95f, 0.76f, 0.015f },
  [GLOW_ROLE_SYSCALL] = { 210, 0.39f, 0.63f, 0.015f },
  [GLOW_ROLE_SUPPORT] = { 196, 0.91f, 0.77f, 0.015f },
};

const char *
glow_palette_get_id (GlowPalette palette)
{
  static const char *const ids[GLOW_N_PALETTES] = { "kind", "module", "hash", "role" };

  g_return_val_if_fail (palette < GLOW_N_PALETTES, "kind");
  return ids[palette];
}

const char *
glow_palette_get_label (GlowPalette palette)
{
  static const char *const labels[GLOW_N_PALETTES] = { N_("Kind of code"), N_("Module"), N_("Function name"), N_("What it does") };

  g_return_val_if_fail (palette < GLOW_N_PALETTES, "");
  return _(labels[palette]);
}

gboolean
glow_palette_from_id (const char *id, GlowPalette *palette)
{
  for (guint i = 0; i < GLOW_N_PALETTES; i++)
    if (strcmp (id, glow_palette_get_id (i)) == 0)
      {
        *palette = i;
        return TRUE;
      }
  return FALSE;
}

static float
channel (float p, float q, float t)
{
  t -= floorf (t);
  return t < 1 / 6.0f ? p + (q - p) * 6 * t : t < 0.5f ? q : t < 2 / 3.0f ? p + (q - p) * (2 / 3.0f - t) * 6 : p;
}

static GlowColor
from_hsl (float hue, float saturation, float lightness)
{
  float q = lightness < 0.5f ? lightness * (1 + saturation) : lightness + saturation - lightness * saturation, p = 2 * lightness - q;

  hue /= 360;
  return (GlowColor) { channel (p, q, hue + 1 / 3.0f), channel (p, q, hue), channel (p, q, hue - 1 / 3.0f) };
}

static GlowColor
from_tone (const Tone *tone, float shade)
{
  return from_hsl (tone->hue, tone->saturation, tone->lightness + shade * tone->spread);
}

GlowColor
glow_palette_get_kind_color (GlowFrameKind kind)
{
  return from_tone (&kinds[kind], 0);
}

GlowColor
glow_palette_get_role_color (GlowRole role)
{
  return from_tone (&roles[role], 0);
}

char *
glow_palette_dup_words (const GlowFrame *frame)
{
  const char *kind = glow_frame_kind_get_label (frame->kind);

  /* "runtime, support" says no more than "runtime". */
  if (frame->role == GLOW_ROLE_NONE || (frame->role == GLOW_ROLE_SUPPORT && frame->kind == GLOW_FRAME_RUNTIME))
    return g_strdup (kind);
  return g_strdup_printf ("%s, %s", kind, glow_role_get_label (frame->role));
}

static double
luminance (const GlowColor *color)
{
  const float channels[3] = { color->red, color->green, color->blue };
  static const double weights[3] = { 0.2126, 0.7152, 0.0722 };
  double sum = 0;

  for (guint i = 0; i < 3; i++)
    sum += weights[i] * (channels[i] <= 0.03928 ? channels[i] / 12.92 : pow ((channels[i] + 0.055) / 1.055, 2.4));
  return sum;
}

double
glow_color_contrast (const GlowColor *a, const GlowColor *b)
{
  double first = luminance (a) + 0.05, second = luminance (b) + 0.05;

  return first > second ? first / second : second / first;
}

/* FNV-1a: short, and the same everywhere. */
static guint32
hash_text (const char *text)
{
  guint32 hash = 2166136261u;

  for (; *text != '\0'; text++)
    hash = (hash ^ (guint8) *text) * 16777619u;
  hash ^= hash >> 15;
  hash *= 0x2c1b3c6du;
  return hash ^ hash >> 12;
}

/**
 * glow_palette_get_color:
 * @frame: of @tree; %GLOW_NONE for its root
 *
 * O(length of the name). Fills are light in every theme, and the text on them dark: contrast is at least 4.5, in high contrast 7.
 */
void
glow_palette_get_color (GlowPalette palette, GlowTheme theme, GlowCallTree *tree, guint32 frame, GlowColor *fill, GlowColor *text)
{
  gboolean contrast = theme >= GLOW_THEME_LIGHT_CONTRAST;
  GlowProfile *profile = glow_call_tree_get_profile (tree);
  const GlowFrame *own = frame != GLOW_NONE ? glow_call_tree_get_frame (tree, frame) : NULL;
  guint kind = own != NULL ? own->kind : GLOW_FRAME_GROUP;
  guint32 hash = hash_text (glow_call_tree_get_frame_name (tree, frame)), n;
  float shade = (hash & 0xff) / 127.5f - 1;

  *text = contrast ? black : dark_text;
  if (palette == GLOW_PALETTE_KIND || kind == GLOW_FRAME_GROUP)
    *fill = from_tone (&kinds[kind], shade);
  else if (palette == GLOW_PALETTE_ROLE)
    *fill = from_tone (&roles[own->role], shade);
  else if (palette == GLOW_PALETTE_MODULE)
    {
      const GlowModule *modules = glow_profile_get_modules (profile, &n);
      guint32 of = own->module < n ? hash_text (glow_profile_get_string (profile, modules[own->module].name)) : 0;

      *fill = from_hsl (of % 360, own->module < n ? 0.55f : 0.03f, 0.76f + shade * 0.03f);
    }
  else
    *fill = from_hsl (12 + (hash >> 8) % 40, 0.82f, 0.70f + shade * 0.06f);
}

static void
legend_item_free (gpointer data)
{
  GlowLegendItem *item = data;

  g_free (item->label);
  g_free (item->id);
  g_free (item);
}

static void
add_item (GPtrArray *legend, const char *label, const char *id, GlowColor fill)
{
  GlowLegendItem *item = g_new0 (GlowLegendItem, 1);

  item->label = g_strdup (label);
  item->id = g_strdup (id);
  item->fill = fill;
  g_ptr_array_add (legend, item);
}

/**
 * glow_palette_dup_legend:
 * @max_items: at most so many
 *
 * O(nodes). Only the palettes by kind and role have colours that mean something by themselves; for others the list is empty.
 */
GPtrArray *
glow_palette_dup_legend (GlowPalette palette, GlowTheme theme, GlowCallTree *tree, guint max_items)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  GPtrArray *legend = g_ptr_array_new_with_free_func (legend_item_free);
  gboolean seen[MAX ((int) GLOW_N_FRAME_KINDS, (int) GLOW_N_ROLES)] = { FALSE };
  gboolean by_role = palette == GLOW_PALETTE_ROLE;

  if (palette != GLOW_PALETTE_KIND && !by_role)
    return legend;
  for (guint32 i = 1; i < nodes->n_nodes; i++)
    {
      const GlowFrame *frame = glow_call_tree_get_frame (tree, nodes->frame[i]);

      if (frame->kind != GLOW_FRAME_GROUP)
        seen[by_role ? frame->role : frame->kind] = TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (seen) && legend->len < max_items; i++)
    if (!seen[i])
      continue;
    else if (by_role)
      add_item (legend, i == GLOW_ROLE_NONE ? _("everything else") : glow_role_get_label (i), glow_role_get_id (i), glow_palette_get_role_color (i));
    else
      add_item (legend, glow_frame_kind_get_label (i), glow_frame_kind_get_id (i), glow_palette_get_kind_color (i));
  return legend;
}
