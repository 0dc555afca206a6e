// SPDX-License-Identifier: GPL-3.0-or-later
/** java Runtimes MILLISECONDS: works in leafHot below main → spin → outer → middle, and makes garbage for its collector. */
public class Runtimes {
    static byte[][] kept = new byte[512][];

    static long leafHot(int n) {
        long sum = 0;
        for (int i = 0; i < n; i++)
            sum = (sum * 31 + i) % 1000003;
        return sum;
    }

    static long middle(int n) { return leafHot(n) + 1; }

    static long outer(int n) { return middle(n) + 1; }

    long spin(int n) { return outer(n) + 1; }

    public static void main(String[] arguments) {
        long end = System.currentTimeMillis() + Long.parseLong(arguments[0]), total = 0;
        Runtimes it = new Runtimes();
        for (int i = 0; System.currentTimeMillis() < end; i++) {
            total += it.spin(20000);
            kept[i % kept.length] = new byte[32768];
        }
        System.out.println(total);
    }
}
