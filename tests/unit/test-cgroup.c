/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of control groups: a row a form that some runtime or version of it writes. */
#include "formats/perf/perf-private.h"

#include <afterglow/cgroup.h>

#include <string.h>

#define ID "4f2a1b3c9d0e5f6071829304a5b6c7d8e9f00112233445566778899aabbccdd0"
#define OTHER_ID "0ddccbbaa99887766554433221100f9e8d7c6b5a4039281706f5e0d9c3b1a2f4"
#define HALF_ID "4f2a1b3c9d0e5f6071829304a5b6c7d8"
#define SHORT_ID "4f2a1b3c9d0e5f6071829304a5b6c7d8e9f00112"
#define POD "0a1b2c3d-1111-2222-3333-444455556666"
#define POD_IN_UNIT "0a1b2c3d_1111_2222_3333_444455556666"

static const struct {
  const char *path, *name;
  GlowCgroupKind kind;
} rows[] = {
  { "/", "/", GLOW_CGROUP_OTHER },
  { "/my/own/group", "/my/own/group", GLOW_CGROUP_OTHER },
  { "/docker/" ID, "docker 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/system.slice/docker-" ID ".scope", "docker 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/docker/" ID "/system.slice/ssh.service", "docker 4f2a1b3c9d0e › ssh.service", GLOW_CGROUP_CONTAINER },
  { "/docker/" ID "/init.scope", "docker 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/docker/" ID "/docker/" OTHER_ID, "docker 4f2a1b3c9d0e › docker 0ddccbbaa998", GLOW_CGROUP_CONTAINER },
  { "/docker/" ID "/workers", "docker 4f2a1b3c9d0e › workers", GLOW_CGROUP_CONTAINER },
  { "/docker/not-an-id", "/docker/not-an-id", GLOW_CGROUP_OTHER },
  { "/docker/" SHORT_ID, "/docker/" SHORT_ID, GLOW_CGROUP_OTHER },
  { "/actions_job/" ID, "container 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/system.slice/cri-containerd-" ID ".scope", "containerd 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/user.slice/user-1000.slice/user@1000.service/user.slice/nerdctl-" ID ".scope", "user 1000 › nerdctl 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD_IN_UNIT ".slice/cri-containerd-" ID ".scope", "pod " POD " › containerd 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" POD_IN_UNIT ".slice/crio-" ID ".scope", "pod " POD " › CRI-O 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/kubepods.slice/kubepods-pod" POD_IN_UNIT ".slice/docker-" ID ".scope", "pod " POD " › docker 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/kubepods.slice/kubepods-pod" POD_IN_UNIT ".slice", "pod " POD, GLOW_CGROUP_POD },
  { "/kubepods/burstable/pod" POD "/" ID, "pod " POD " › container 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/kubepods/pod" POD "/crio-" ID, "pod " POD " › CRI-O 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/kubepods/besteffort/pod" HALF_ID "/" ID, "pod " HALF_ID " › container 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod" POD_IN_UNIT ".slice/cri-containerd-" ID ".scope", "pod " POD " › containerd 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/system.slice/containerd.service/kubepods-burstable-pod" POD_IN_UNIT ".slice:cri-containerd:" ID, "containerd.service › pod " POD " › containerd 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" POD_IN_UNIT ".slice/crio-conmon-" ID ".scope", "pod " POD " › CRI-O monitor 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/machine.slice/libpod-" ID ".scope", "podman 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/machine.slice/libpod-" ID ".scope/container", "podman 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/machine.slice/libpod-conmon-" ID ".scope", "podman monitor 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/libpod_parent/libpod-" ID, "podman 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope/container", "user 1000 › podman 4f2a1b3c9d0e", GLOW_CGROUP_CONTAINER },
  { "/lxc.payload.web/system.slice/nginx.service", "LXC web › nginx.service", GLOW_CGROUP_CONTAINER },
  { "/lxc.monitor.web", "LXC monitor web", GLOW_CGROUP_CONTAINER },
  { "/lxc/web", "LXC web", GLOW_CGROUP_CONTAINER },
  { "/lxc.payload/web", "LXC web", GLOW_CGROUP_CONTAINER },
  { "/machine.slice/machine-qemu\\x2d3\\x2dvm1.scope", "machine qemu-3-vm1", GLOW_CGROUP_CONTAINER },
  { "/machine.slice/systemd-nspawn@debian.service/payload/init.scope", "machine debian", GLOW_CGROUP_CONTAINER },
  { "/system.slice/nginx.service", "nginx.service", GLOW_CGROUP_UNIT },
  { "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", GLOW_CGROUP_UNIT },
  { "/system.slice/dev-disk-by\\x2dlabel-data.swap", "dev-disk-by-label-data.swap", GLOW_CGROUP_UNIT },
  { "/system.slice/var-lib-my\\x2dapp.mount", "var-lib-my-app.mount", GLOW_CGROUP_UNIT },
  { "/system.slice", "system.slice", GLOW_CGROUP_UNIT },
  { "/system.slice/app-server.service", "app-server.service", GLOW_CGROUP_UNIT },
  { "/init.scope", "init.scope", GLOW_CGROUP_UNIT },
  { "/user.slice/user-1000.slice/session-3.scope", "user 1000 › session 3", GLOW_CGROUP_UNIT },
  { "/user.slice/user-1000.slice/user@1000.service/init.scope", "user 1000", GLOW_CGROUP_UNIT },
  { "/user.slice/user-1000.slice/user@1000.service/session.slice/org.gnome.Shell@wayland.service", "user 1000 › org.gnome.Shell@wayland.service", GLOW_CGROUP_UNIT },
  { "/user.slice/user-1000.slice/user@1000.service/app.slice/app-flatpak-org.foo.Bar-1234.scope", "user 1000 › org.foo.Bar (Flatpak)", GLOW_CGROUP_APP },
  { "/user.slice/user-1000.slice/user@1000.service/app.slice/app-flatpak-org.foo.My\\x2dBar-1234.scope", "user 1000 › org.foo.My-Bar (Flatpak)", GLOW_CGROUP_APP },
  { "/user.slice/user-1000.slice/user@1000.service/apps.slice/flatpak-org.foo.My-Bar-77.scope", "user 1000 › org.foo.My-Bar (Flatpak)", GLOW_CGROUP_APP },
  { "/app.slice/app-flatpak-org.foo.Bar-1234.scope", "org.foo.Bar (Flatpak)", GLOW_CGROUP_APP },
  { "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-4242.scope", "user 1000 › firefox", GLOW_CGROUP_APP },
  { "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-google\\x2dchrome-99.scope", "user 1000 › google-chrome", GLOW_CGROUP_APP },
  { "/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Terminal.slice/vte-spawn-1f3e5d7c.scope", "user 1000 › vte-spawn-1f3e5d7c.scope", GLOW_CGROUP_UNIT },
  { "/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.kde.konsole@1a2b3c4d5e.service", "user 1000 › org.kde.konsole", GLOW_CGROUP_APP },
  { "/user.slice/user-1000.slice/user@1000.service/app.slice/snap.firefox.firefox-" POD ".scope", "user 1000 › firefox (snap)", GLOW_CGROUP_APP },
  { "/user.slice/user-1000.slice/user@1000.service/app.slice/snap.code.url-handler." POD ".scope", "user 1000 › code.url-handler (snap)", GLOW_CGROUP_APP },
  { "/system.slice/snap.lxd.daemon.service", "lxd.daemon (snap)", GLOW_CGROUP_APP },
  { "/system.slice/odd\\xzz\\x2.service", "odd\\xzz\\x2.service", GLOW_CGROUP_UNIT },
  { "/../../system.slice/nginx.service", "nginx.service", GLOW_CGROUP_UNIT },
  { "", "", GLOW_CGROUP_OTHER },
};

static void
test_names (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GlowCgroupKind kind;
      g_autofree char *name = glow_cgroup_dup_name (rows[i].path, &kind);

      g_assert_cmpstr (name, ==, rows[i].name);
      g_test_message ("%s: %s", rows[i].path, name);
      g_assert_cmpstr (glow_cgroup_kind_get_id (kind), ==, glow_cgroup_kind_get_id (rows[i].kind));
    }
}

/* /proc/PID/cgroup of machines with one hierarchy, with many, and with both. */
static void
test_proc (void)
{
  static const struct { const char *text, *path; } files[] = {
    { "0::/system.slice/nginx.service\n", "/system.slice/nginx.service" },
    { "0::/\n", NULL },
    { "", NULL },
    { "nonsense\n1:only:\n", NULL },
    { "9:name=systemd:/user.slice\n5:devices:/deeper/than/it\n0::/\n", "/user.slice" },
    { "9:name=systemd:/user.slice\n3:perf_event:/docker/" ID "\n0::/x\n", "/docker/" ID },
    { "3:cpu,perf_event:/a\n2:memory:/b/c\n", "/a" },
    { "4:memory:/a\n3:cpu,cpuacct:/a/b\n", "/a/b" },
    { "1:name=systemd:/a:b/c\n0::/\n", "/a:b/c" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = perf_cgroup_of_proc (files[i].text);

      g_assert_cmpstr (path, ==, files[i].path);
    }
}

/* Any bytes are a path: a name comes of them, and a form cut short is no form. */
static void
test_damaged (void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (11);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint k = 0; k < 200; k++)
      {
        g_autofree char *path = g_strdup (rows[i].path), *name = NULL;
        gsize n = strlen (path);

        if (n == 0)
          continue;
        if (k < n)
          path[k] = '\0';
        else
          path[g_rand_int_range (random, 0, n)] = g_rand_int_range (random, 1, 256);
        name = glow_cgroup_dup_name (path, NULL);
        g_assert_nonnull (name);
        g_assert_true (*name != '\0' || *path == '\0');
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cgroup/names", test_names);
  g_test_add_func ("/cgroup/proc", test_proc);
  g_test_add_func ("/cgroup/damaged", test_damaged);
  return g_test_run ();
}
