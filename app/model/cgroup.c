/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of containers, pods, applications and units from paths of control groups. Each component of a path is looked up in a table of forms;
 * those that say something are joined from the outermost in. Names are the same in every language: selections are written with them.
 *
 * Sources of the forms: the cgroup drivers of runc ("cgroupfs", "systemd") as Docker, containerd, CRI-O and the kubelet call them; podman's
 * libpod; LXC's lxc.cgroup.dir; systemd's UNIT NAME ESCAPING (systemd.unit(5)) and its "Desktop Environment Integration"; snapd's and Flatpak's
 * transient scopes. */
#include <config.h>

#include <afterglow/cgroup.h>

#include <string.h>

#define SHORT_ID 12            /* as docker ps, podman ps and crictl ps print identifiers */

typedef enum {
  ID_HEX,                      /* a container's identifier */
  ID_UID,                      /* of a pod: 36 characters with - or _, or 32 of a static pod */
  ID_NAME,                     /* escaped as in unit names */
  ID_NUMBER,
} IdShape;

typedef struct {
  const char *parent;          /* (nullable): the component before it */
  const char *prefix, *suffix;
  const char *word;            /* what stands before the identifier */
  IdShape shape;
  GlowCgroupKind kind;
} Form;

/* The first that fits is taken. */
static const Form forms[] = {
  { NULL, "docker-", ".scope", "docker", ID_HEX, GLOW_CGROUP_CONTAINER },
  { "docker", "", "", "docker", ID_HEX, GLOW_CGROUP_CONTAINER },
  { NULL, "cri-containerd-", ".scope", "containerd", ID_HEX, GLOW_CGROUP_CONTAINER },
  { NULL, "containerd-", ".scope", "containerd", ID_HEX, GLOW_CGROUP_CONTAINER },
  { NULL, "nerdctl-", ".scope", "nerdctl", ID_HEX, GLOW_CGROUP_CONTAINER },
  { NULL, "crio-conmon-", ".scope", "CRI-O monitor", ID_HEX, GLOW_CGROUP_CONTAINER },
  { NULL, "crio-", ".scope", "CRI-O", ID_HEX, GLOW_CGROUP_CONTAINER },
  { NULL, "crio-", "", "CRI-O", ID_HEX, GLOW_CGROUP_CONTAINER },
  { NULL, "libpod-conmon-", ".scope", "podman monitor", ID_HEX, GLOW_CGROUP_CONTAINER },
  { NULL, "libpod-", ".scope", "podman", ID_HEX, GLOW_CGROUP_CONTAINER },
  { NULL, "libpod-", "", "podman", ID_HEX, GLOW_CGROUP_CONTAINER },
  { NULL, "lxc.payload.", "", "LXC", ID_NAME, GLOW_CGROUP_CONTAINER },
  { NULL, "lxc.monitor.", "", "LXC monitor", ID_NAME, GLOW_CGROUP_CONTAINER },
  { "lxc.payload", "", "", "LXC", ID_NAME, GLOW_CGROUP_CONTAINER },
  { "lxc.monitor", "", "", "LXC monitor", ID_NAME, GLOW_CGROUP_CONTAINER },
  { "lxc", "", "", "LXC", ID_NAME, GLOW_CGROUP_CONTAINER },
  { NULL, "machine-", ".scope", "machine", ID_NAME, GLOW_CGROUP_CONTAINER },
  { "machine.slice", "systemd-nspawn@", ".service", "machine", ID_NAME, GLOW_CGROUP_CONTAINER },
  { NULL, "kubepods-burstable-pod", ".slice", "pod", ID_UID, GLOW_CGROUP_POD },
  { NULL, "kubepods-besteffort-pod", ".slice", "pod", ID_UID, GLOW_CGROUP_POD },
  { NULL, "kubepods-pod", ".slice", "pod", ID_UID, GLOW_CGROUP_POD },
  { NULL, "kubelet-kubepods-burstable-pod", ".slice", "pod", ID_UID, GLOW_CGROUP_POD },
  { NULL, "kubelet-kubepods-besteffort-pod", ".slice", "pod", ID_UID, GLOW_CGROUP_POD },
  { NULL, "kubelet-kubepods-pod", ".slice", "pod", ID_UID, GLOW_CGROUP_POD },
  { "kubepods", "pod", "", "pod", ID_UID, GLOW_CGROUP_POD },
  { "burstable", "pod", "", "pod", ID_UID, GLOW_CGROUP_POD },
  { "besteffort", "pod", "", "pod", ID_UID, GLOW_CGROUP_POD },
  { NULL, "", "", "container", ID_HEX, GLOW_CGROUP_CONTAINER },
  { NULL, "user-", ".slice", "user", ID_NUMBER, GLOW_CGROUP_UNIT },
  { NULL, "session-", ".scope", "session", ID_NAME, GLOW_CGROUP_UNIT },
};

/* Not worth a word where something else is said. */
static const char *const silent[] = { "init.scope", "container", "payload", "supervisor", NULL };
static const char *const unit_types[] = { ".service", ".scope", ".mount", ".socket", ".swap", ".slice", NULL };

typedef struct {
  GString *text;
  GlowCgroupKind kind;
  gboolean has_user;
} Name;

static gboolean
is_hex (const char *text, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!g_ascii_isdigit (text[i]) && !(text[i] >= 'a' && text[i] <= 'f'))
      return FALSE;
  return TRUE;
}

static gboolean
has_shape (const char *id, gsize n, IdShape shape)
{
  switch (shape)
    {
    case ID_HEX: return n == 64 && is_hex (id, n);
    case ID_UID:
      if (n == 32)
        return is_hex (id, n);
      if (n != 36)
        return FALSE;
      for (guint i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? id[i] != '-' && id[i] != '_' : !is_hex (id + i, 1))
          return FALSE;
      return TRUE;
    case ID_NUMBER: return n > 0 && strspn (id, "0123456789") == n;
    case ID_NAME: return n > 0;
    }
  return FALSE;
}

/* "\x2d" is the byte 2d, in unit names. (transfer full) */
static char *
unescape (const char *text, gsize n)
{
  GString *plain = g_string_sized_new (n);

  for (gsize i = 0; i < n; i++)
    if (text[i] == '\\' && i + 3 < n && text[i + 1] == 'x' && g_ascii_isxdigit (text[i + 2]) && g_ascii_isxdigit (text[i + 3])
        && (g_ascii_xdigit_value (text[i + 2]) | g_ascii_xdigit_value (text[i + 3])) != 0)
      {
        g_string_append_c (plain, g_ascii_xdigit_value (text[i + 2]) << 4 | g_ascii_xdigit_value (text[i + 3]));
        i += 3;
      }
    else
      g_string_append_c (plain, text[i]);
  return g_string_free (plain, FALSE);
}

static void
append (Name *name, const char *part, GlowCgroupKind kind)
{
  if (name->text->len > 0)
    g_string_append (name->text, " › ");
  g_string_append (name->text, part);
  /* A unit in a container is still in a container; a container in a pod is one. */
  if (name->kind == GLOW_CGROUP_POD ? kind == GLOW_CGROUP_CONTAINER : kind > name->kind)
    name->kind = kind;
}

static gboolean
append_form (Name *name, const char *parent, const char *component)
{
  gsize n = strlen (component);

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      const Form *form = &forms[i];
      gsize before = strlen (form->prefix), after = strlen (form->suffix), length = n - before - after;
      g_autofree char *id = NULL, *part = NULL;

      if (n <= before + after || !g_str_has_prefix (component, form->prefix) || !g_str_has_suffix (component, form->suffix)
          || (form->parent != NULL && g_strcmp0 (form->parent, parent) != 0) || !has_shape (component + before, length, form->shape))
        continue;
      id = form->shape == ID_HEX ? g_strndup (component + before, SHORT_ID) : unescape (component + before, length);
      if (form->shape == ID_UID)
        g_strdelimit (id, "_", '-');
      part = g_strdup_printf ("%s %s", form->word, id);
      name->has_user |= form->shape == ID_NUMBER;
      append (name, part, form->kind);
      return TRUE;
    }
  return FALSE;
}

/* containerd told to use one driver while the kubelet uses the other: "kubepods-burstable-podUID.slice:cri-containerd:ID". */
static gboolean
append_joined (Name *name, const char *component)
{
  g_auto(GStrv) parts = g_strsplit (component, ":", 4);
  g_autofree char *scope = NULL;

  if (g_strv_length (parts) != 3 || !has_shape (parts[2], strlen (parts[2]), ID_HEX))
    return FALSE;
  append_form (name, NULL, parts[0]);
  scope = g_strdup_printf ("%s-%s.scope", parts[1], parts[2]);
  return append_form (name, NULL, scope) || append_form (name, NULL, parts[2]);
}

static gboolean
is_random (const char *text)
{
  return *text != '\0' && (text[strspn (text, "0123456789")] == '\0' || (strlen (text) >= 8 && text[strspn (text, "0123456789abcdef")] == '\0'));
}

/* app[-LAUNCHER]-ID-RANDOM.scope, app[-LAUNCHER]-ID[@RANDOM].service; dashes of the parts themselves are escaped. */
static gboolean
append_app (Name *name, const char *unit, const char *type)
{
  g_autofree char *stem = g_strndup (unit, strlen (unit) - strlen (type)), *app = NULL, *part = NULL;
  g_auto(GStrv) words = g_strsplit (stem, "-", -1);
  guint n = g_strv_length (words), first = name->has_user && strcmp (words[0], "app") == 0, id;
  gboolean flatpak, service = strcmp (type, ".service") == 0;
  char *at;

  first |= strcmp (words[0], "app") == 0 && n > 2 && strcmp (words[1], "flatpak") == 0;
  if (first == 0 && strcmp (words[0], "flatpak") != 0)
    return FALSE;
  if (service && (at = strchr (words[n - 1], '@')) != NULL)
    *at = '\0';
  else if (!service && n > first + 1 && is_random (words[n - 1]))
    n--;
  if (n < 2)
    return FALSE;
  flatpak = strcmp (words[first], "flatpak") == 0 && n > first + 1;
  id = first + (n > first + 1);
  /* Old Flatpaks did not escape their dashes: what stands behind the launcher is all one. */
  {
    char *random = words[n];
    g_autofree char *rest = NULL;

    words[n] = NULL;
    rest = g_strjoinv ("-", words + id);
    words[n] = random;
    app = unescape (rest, strlen (rest));
  }
  if (*app == '\0')
    return FALSE;
  part = flatpak ? g_strdup_printf ("%s (Flatpak)", app) : g_steal_pointer (&app);
  append (name, part, GLOW_CGROUP_APP);
  return TRUE;
}

/* snap.NAME.APP.service, snap.NAME.APP[-UUID|.UUID].scope */
static gboolean
append_snap (Name *name, const char *unit, const char *type)
{
  g_autofree char *stem = NULL, *part = NULL, *text = NULL;
  g_auto(GStrv) words = NULL;
  gsize n;

  if (!g_str_has_prefix (unit, "snap."))
    return FALSE;
  stem = unescape (unit + 5, strlen (unit) - 5 - strlen (type));
  n = strlen (stem);
  if (n > 37 && (stem[n - 37] == '-' || stem[n - 37] == '.') && has_shape (stem + n - 36, 36, ID_UID))
    stem[n - 37] = '\0';
  words = g_strsplit (stem, ".", 2);
  if (words[0] == NULL || *words[0] == '\0')
    return FALSE;
  text = words[1] == NULL || strcmp (words[0], words[1]) == 0 ? g_strdup (words[0]) : g_strdup (stem);
  part = g_strdup_printf ("%s (snap)", text);
  append (name, part, GLOW_CGROUP_APP);
  return TRUE;
}

/* Slices hold units; where one stands alone it is all there is to say. Returns whether @component is a unit at all. */
static gboolean
append_unit (Name *name, const char *component, gboolean last)
{
  g_autofree char *plain = NULL;
  const char *type = NULL;

  for (guint i = 0; unit_types[i] != NULL && type == NULL; i++)
    if (g_str_has_suffix (component, unit_types[i]) && strlen (component) > strlen (unit_types[i]))
      type = unit_types[i];
  if (type == NULL)
    return FALSE;
  if (strcmp (type, ".slice") == 0)
    {
      if (!last || name->text->len > 0)
        return TRUE;
    }
  else if (append_app (name, component, type) || append_snap (name, component, type))
    return TRUE;
  /* The user's own manager says no more than the user. */
  else if (name->has_user && g_str_has_prefix (component, "user@"))
    return TRUE;
  plain = unescape (component, strlen (component));
  append (name, plain, GLOW_CGROUP_UNIT);
  return TRUE;
}

/**
 * glow_cgroup_dup_name:
 * @path: as the recording or /proc/PID/cgroup has it
 * @kind: (out) (optional):
 *
 * Identifiers of containers are cut to twelve characters. A part of the path that is not known is left out, but for the innermost; a
 * path of which nothing is known is its own name. O(path).
 *
 * Returns: (transfer full): the name
 */
char *
glow_cgroup_dup_name (const char *path, GlowCgroupKind *kind)
{
  g_auto(GStrv) components = g_strsplit (path, "/", -1);
  Name name = { .text = g_string_new (NULL) };
  const char *parent = NULL, *inner = NULL;

  for (guint i = 0; components[i] != NULL; i++)
    {
      const char *component = components[i];
      gboolean last = components[i + 1] == NULL || (*components[i + 1] == '\0' && components[i + 2] == NULL);

      if (*component == '\0' || strcmp (component, "..") == 0)
        continue;
      if (!(name.text->len > 0 && g_strv_contains (silent, component)) && !append_form (&name, parent, component)
          && !append_joined (&name, component) && !append_unit (&name, component, last) && name.text->len > 0)
        inner = component;
      parent = component;
    }
  if (inner != NULL && inner == parent)
    append (&name, inner, GLOW_CGROUP_OTHER);
  if (name.text->len == 0)
    g_string_assign (name.text, path);
  if (kind != NULL)
    *kind = name.kind;
  return g_string_free (name.text, FALSE);
}

const char *
glow_cgroup_kind_get_id (GlowCgroupKind kind)
{
  static const char *const ids[] = { "other", "unit", "app", "container", "pod" };

  g_return_val_if_fail (kind < G_N_ELEMENTS (ids), "other");
  return ids[kind];
}
