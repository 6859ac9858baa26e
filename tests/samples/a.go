package a

import (
	. "fmt"
)

type N interface{ ~int | ~float64 }

func Map[T, U any](xs []T, f func(T) U) (out []U) {
	for i := range 10 {
		defer func() { _ = i }()
	}
	select {
	case x := <-c:
		goto end
	}
end:
	return
}
