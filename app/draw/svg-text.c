/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text, numbers and colours as SVG and HTML want them. */
#include <config.h>

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
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  char *end;
  double hundredths = value * 100;
  gint64 whole = (gint64) hundredths;

  /* Pictures hold tens of thousands: those that do not lie between two, where printing rounds by the last bits, are put together here. */
  if (value >= 0 && value < 1e9 && fabs (hundredths - whole - 0.5) > 1e-4)
    {
      whole += hundredths - whole > 0.5;
      end = text + sizeof text;
      *--end = '\0';
      if (whole % 100 != 0)
        {
          if (whole % 10 != 0)
            *--end = '0' + whole % 10;
          *--end = '0' + whole / 10 % 10;
          *--end = '.';
        }
      whole /= 100;
      do
        *--end = '0' + whole % 10;
      while ((whole /= 10) > 0);
      g_string_append (out, end);
      return;
    }
  g_ascii_formatd (text, sizeof text, "%.2f", value);
  for (end = text + strlen (text) - 1; *end == '0'; end--)
    *end = '\0';
  if (*end == '.')
    *end = '\0';
  g_string_append (out, text);
}

void
glow_svg_append_color (GString *out, const GlowColor *color)
{
  g_string_append_printf (out, "#%02x%02x%02x", (int) lroundf (color->red * 255), (int) lroundf (color->green * 255),
                          (int) lroundf (color->blue * 255));
}
