// SPDX-License-Identifier: GPL-3.0-or-later

// Some of Go's library, for its names and for what is inlined into what.
package main

import (
	"fmt"
	"sort"
	"strings"
)

func main() {
	counts := map[string]int{}
	for i := 0; i < 1000; i++ {
		counts[strings.Repeat("a", i%7)] += i
	}
	keys := []string{}
	for key := range counts {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	fmt.Println(keys, counts)
}
