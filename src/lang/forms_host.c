/* Special forms that concern the host and other files: step and its kin,
 * defstruct, module, import. */
#include <string.h>

#include "lang/ast.h"
#include "lang/machine.h"
#include "value/name.h"

struct node *
form_defstruct(struct unit *u, const struct forms *f)
{
	return fail_usage(u, f, "not there yet");
}

struct node *
form_module(struct unit *u, const struct forms *f)
{
	return fail_usage(u, f, "not there yet");
}

struct node *
form_import(struct unit *u, const struct forms *f)
{
	return fail_usage(u, f, "not there yet");
}

struct node *
form_step(struct unit *u, const struct forms *f)
{
	return fail_usage(u, f, "not there yet");
}

struct node *
form_step_if(struct unit *u, const struct forms *f)
{
	return fail_usage(u, f, "not there yet");
}

struct node *
form_step_loop(struct unit *u, const struct forms *f)
{
	return fail_usage(u, f, "not there yet");
}

struct node *
form_step_parallel(struct unit *u, const struct forms *f)
{
	return fail_usage(u, f, "not there yet");
}
