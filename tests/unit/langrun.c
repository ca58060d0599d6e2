/* rooms: lang value base
 * A driver for the language alone: runs FILE or -e EXPR, prints the value
 * (pr-str) or "CLASS: message".  -s N -m N -d N: budgets; -v: steps, trace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/vm.h"
#include "value/errval.h"
#include "value/printer.h"
#include "value/string.h"

static void
print(void *arg, const char *text, size_t len)
{
	(void)arg;
	fwrite(text, 1, len, stdout);
}

static char *
slurp(const char *path, size_t *len)
{
	struct buf b = BUF_INIT;
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(2);
	}
	do {
		n = fread(buf_reserve(&b, 65536), 1, 65536, f);
		b.len += n;
	} while (n > 0);
	fclose(f);
	return buf_take(&b, len);
}

/* Every call is answered with [capability args options]; :fail throws. */
static enum vm_state
serve(struct vm *vm)
{
	const struct host_call *c = vm_call(vm);
	struct buf b = BUF_INIT;
	val v;

	buf_adds(&b, "answer to ");
	print_readable(&b, c->capability);
	buf_addc(&b, ' ');
	print_readable(&b, c->args);
	if (c->options != VAL_NIL) {
		buf_addc(&b, ' ');
		print_readable(&b, c->options);
	}
	v = str_new(vm_heap(vm), b.data, b.len);
	buf_free(&b);
	if (str_equal_text(v, "answer to :fail []")) {
		val_release(vm_heap(vm), v);
		return vm_raise(vm,
		    errval_make(vm_heap(vm), ERRKEY_CAPABILITY, "it failed"));
	}
	return vm_resume(vm, v);
}

static int
finish(struct vm *vm, enum vm_state s, bool verbose)
{
	struct buf b = BUF_INIT;
	struct vm_place p;

	while (s == VM_CALL)
		s = serve(vm);
	if (s == VM_DONE) {
		print_readable(&b, vm_value(vm));
	} else if (s == VM_STOPPED) {
		vm_stop_text(vm, &b);
	} else if (val_is_error(vm_value(vm))) {
		buf_addf(&b, "%s: %s", errval_class(vm_value(vm)),
		    str_bytes(val_errval(vm_value(vm))->message, NULL));
	} else {
		buf_adds(&b, "thrown: ");
		print_readable(&b, vm_value(vm));
	}
	printf("%s\n", buf_str(&b));
	if (verbose) {
		buf_clear(&b);
		p = vm_error_place(vm);
		if (s != VM_DONE) {
			printf("at %s:%u:%u\n", p.file == NULL ? "?" : p.file,
			    p.line, p.column);
			vm_error_trace(vm, &b);
			printf("%s", buf_str(&b));
		}
		printf("steps %llu, live %zu, peak %zu\n",
		    (unsigned long long)vm_steps(vm), heap_used(vm_heap(vm)),
		    heap_peak(vm_heap(vm)));
	}
	buf_free(&b);
	return s == VM_DONE ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct vm_config c = {
	    .max_memory = (size_t)1 << 30, .may_call = true, .print = print};
	const char *name = "expr";
	char *text = NULL;
	bool verbose = false;
	struct error e;
	struct vm *vm;
	size_t len = 0;
	int i, rc = 1;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0)
			verbose = true;
		else if (strcmp(argv[i], "-p") == 0)
			heap_never_in_place = true;
		else if (strcmp(argv[i], "-e") == 0 && i + 1 < argc)
			text = xstrdup(argv[++i]);
		else if (strcmp(argv[i], "-s") == 0 && i + 1 < argc)
			c.max_steps = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "-m") == 0 && i + 1 < argc)
			c.max_memory = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "-d") == 0 && i + 1 < argc)
			c.max_depth = strtoull(argv[++i], NULL, 10);
		else
			text = slurp(name = argv[i], &len);
	}
	if (text == NULL) {
		fprintf(stderr, "usage: langrun [-v] FILE | -e EXPR\n");
		return 2;
	}
	if (len == 0)
		len = strlen(text);
	if (vm_new(&c, &vm, &e) == -1) {
		printf("%s\n", e.msg);
		return 1;
	}
	if (vm_load(vm, name, text, len, &e) == -1) {
		printf("%s%s (%s:%u:%u)\n",
		    e.kind == EK_SYNTAX ? "ParseError: " : "", e.msg, name,
		    e.line, e.column);
	} else {
		rc = finish(vm, vm_run(vm), verbose);
	}
	vm_free(vm);
	free(text);
	return rc;
}
