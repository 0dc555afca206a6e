/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text, numbers and colours as SVG and HTML want them. */
#include <config.h>

#include "draw/fixed-private.h"
#include "draw/svg-text-private.h"

#include <math.h>
#include <string.h>

/* Text for markup: what XML 1.0 cannot hold becomes U+FFFD. */
void
glow_svg_append_escaped (GString *out, const char *text)
{
  g_autofree char *valid = g_utf8_validate (text, -1, NULL) ? NULL : g_utf8_make_valid (text, -1);

  for (const char *at = valid != NULL ? valid : text, *plain = at;; at = g_utf8_next_char (at))
    {
      const char *instead = NULL;

      switch (*at)
        {
        case '&': instead = "&amp;"; break;
        case '<': instead = "&lt;"; break;
        case '>': instead = "&gt;"; break;
        case '"': instead = "&quot;"; break;
        case '\'': instead = "&#39;"; break;
        case '\0': break;
        default:
          if ((guchar) *at >= 0x20 && *at != 0x7f && (*at != '\357' || (strncmp (at, "\357\277\276", 3) != 0 && strncmp (at, "\357\277\277", 3) != 0)))
            continue;
          instead = "\357\277\275";
        }
      g_string_append_len (out, plain, at - plain);
      if (*at == '\0')
        return;
      g_string_append (out, instead);
      plain = g_utf8_next_char (at);
    }
}

/* At most two decimals, by C's rules whatever the locale. */
void
glow_svg_append_number (GString *out, double value)
{
  char fixed[GLOW_FIXED_SIZE], text[G_ASCII_DTOSTR_BUF_SIZE], *end;
  char *own = glow_fixed_write (fixed, value, 2);

  if (own == NULL)
    own = g_ascii_formatd (text, sizeof text, "%.2f", value);
  for (end = own + strlen (own); end[-1] == '0'; end--)
    ;
  if (end[-1] == '.')
    end--;
  g_string_append_len (out, own, end - own);
}

void
glow_svg_append_color (GString *out, const GlowColor *color)
{
  g_string_append_printf (out, "#%02x%02x%02x", (int) lroundf (color->red * 255), (int) lroundf (color->green * 255),
                          (int) lroundf (color->blue * 255));
}
