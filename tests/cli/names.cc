// SPDX-License-Identifier: GPL-3.0-or-later
// Much of C++'s library, for its names and for what is inlined into what.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <regex>
#include <sstream>
#include <unordered_map>
#include <variant>
#include <vector>

int
main (int argc, char **argv)
{
  std::map<std::string, std::vector<std::string>> sorted;
  std::unordered_map<std::string, std::variant<int, double, std::string>> hashed;
  std::regex pattern ("([a-z]+)([0-9]*)x?");
  std::smatch match;

  for (int i = 0; i < argc * 50; i++)
    {
      std::ostringstream text;

      text << argv[0] << i;
      std::string whole = text.str ();
      if (std::regex_search (whole, match, pattern))
        sorted[match[1]].push_back (match[2]);
    }
  for (auto &[key, values] : sorted)
    {
      std::sort (values.begin (), values.end (), std::greater<> ());
      hashed[key] = (int) values.size ();
    }
  std::function<int (int)> add = [&] (int n) { return n + (int) hashed.size (); };
  std::cout << add (1) << "\n";
}
