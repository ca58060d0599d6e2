/*
 * The machine by itself, in one process, without files and workers.
 *
 *	vm_bench yield N	N calls answered at once: best ns of five runs
 *	vm_bench idle N		N machines that have run something and wait:
 *				memory of each, in KiB
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lang/vm.h"

static double
cpu_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static long
resident_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long size, resident = 0;

	if (f == NULL || fscanf(f, "%ld %ld", &size, &resident) != 2)
		exit(1);
	fclose(f);
	return resident;
}

static struct vm *
vm_of(const char *text)
{
	struct vm_config config = {.max_memory = 1 << 30, .may_call = true};
	struct vm *vm;
	struct error e;

	if (vm_new(&config, &vm, &e) == -1 ||
	    vm_load(vm, "bench", text, strlen(text), &e) == -1) {
		fprintf(stderr, "vm_bench: %s\n", e.msg);
		exit(1);
	}
	return vm;
}

static void
bench_yield(long n)
{
	double best = 0, start, ns;
	enum vm_state s;
	struct vm *vm;
	char text[128];
	int run;

	snprintf(text, sizeof(text),
	    "(loop [i 0] (if (< i %ld) (recur (+ i (call :x 1))) i))", n);
	for (run = 0; run < 5; run++) {
		vm = vm_of(text);
		start = cpu_now();
		for (s = vm_run(vm); s == VM_CALL;)
			s = vm_resume(vm, val_fix(1));
		ns = (cpu_now() - start) / (double)n;
		if (s != VM_DONE || vm_yields(vm) != (uint64_t)n ||
		    vm_value(vm) != val_fix(n))
			exit(1);
		if (best == 0 || ns < best)
			best = ns;
		vm_free(vm);
	}
	printf("%.1f\n", best);
}

static void
bench_idle(long n)
{
	long before, i;
	struct vm *vm;

	vm = vm_of("(map inc [1 2])"); /* what all of them share */
	vm_run(vm);
	before = resident_pages();
	for (i = 0; i < n; i++) {
		vm = vm_of("(map inc [1 2])");
		if (vm_run(vm) != VM_DONE)
			exit(1);
	}
	printf("%.0f\n",
	    (double)(resident_pages() - before) *
	        ((double)sysconf(_SC_PAGESIZE) / 1024 / (double)n));
}

int
main(int argc, char **argv)
{
	long n = argc == 3 ? atol(argv[2]) : 0;

	if (n > 0 && strcmp(argv[1], "yield") == 0) {
		bench_yield(n);
	} else if (n > 0 && strcmp(argv[1], "idle") == 0) {
		bench_idle(n);
	} else {
		fputs("usage: vm_bench yield|idle N\n", stderr);
		return 2;
	}
	return 0;
}
