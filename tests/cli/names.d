// SPDX-License-Identifier: GPL-3.0-or-later
/// Some of D's library, for its names and for what is inlined into what.
import std.algorithm, std.array, std.conv, std.stdio;

void main ()
{
  auto numbers = [3, 1, 2].map! (x => x * 2).array;

  sort (numbers);
  writeln (numbers.map! (to!string).joiner (","));
}
