/* rooms: value base */
#include <math.h>
#include <string.h>

#include "tests/unit/value_unit.h"
#include "value/errval.h"
#include "value/function.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

static void
test_lists(void)
{
	struct heap *h = heap_new(0);
	val items[3] = {val_fix(1), val_fix(2), val_fix(3)};
	val l = list_new(h, items, 3), rest, other;

	CU_ASSERT_EQUAL(list_count(l), 3);
	CU_ASSERT_EQUAL(list_nth(l, 0), val_fix(1));
	CU_ASSERT_EQUAL(list_nth(l, 2), val_fix(3));
	rest = val_retain(list_rest(l));
	other = list_cons(h, val_fix(9), val_retain(rest));
	CU_ASSERT_EQUAL(list_count(other), 3);
	val_release(h, l);
	CU_ASSERT_EQUAL(list_first(rest), val_fix(2)); /* still held */
	val_release(h, other);
	CU_ASSERT_EQUAL(list_count(rest), 2);
	val_release(h, rest);
	CU_ASSERT_EQUAL(list_new(h, NULL, 0), VAL_NO_ITEMS);
	CU_ASSERT_EQUAL(list_count(VAL_NO_ITEMS), 0);
	CU_ASSERT(val_is_list(VAL_NO_ITEMS));
	heap_done(h);
}

static void
test_types(void)
{
	static const struct code_head code = {1, NAME_NONE, false};
	struct heap *h = heap_new(0);
	static const enum val_type types[] = {T_NIL, T_BOOL, T_BOOL, T_INT,
	    T_INT, T_FLOAT, T_FLOAT, T_STRING, T_KEYWORD, T_SYMBOL, T_LIST,
	    T_LIST, T_VECTOR, T_MAP, T_FUNCTION, T_TASK, T_ERROR};
	val all[] = {VAL_NIL, VAL_TRUE, VAL_FALSE, val_fix(-5),
	    int_from(h, INT64_MIN), float_from(h, 1.5), float_from(h, NAN),
	    str_from(h, "s"), keyword_from("k"), symbol_from("s"), VAL_NO_ITEMS,
	    list_cons(h, VAL_NIL, VAL_NO_ITEMS), vec_empty(h), map_empty(h),
	    val_from_obj(function_new(h, &code, 0)),
	    taskval_new(h, keyword_from("a"), vec_empty(h), VAL_NIL),
	    errval_make(h, ERRKEY_EXIT, "e")};
	size_t i;

	for (i = 0; i < NITEMS(all); i++) {
		CU_ASSERT_EQUAL(val_type(all[i]), types[i]);
		CU_ASSERT_EQUAL(val_truthy(all[i]),
		    all[i] != VAL_NIL && all[i] != VAL_FALSE);
		CU_ASSERT_EQUAL(
		    num_is(all[i]), types[i] == T_INT || types[i] == T_FLOAT);
		val_release(h, all[i]);
	}
	CU_ASSERT_STRING_EQUAL(val_type_name(T_NIL), "nil");
	CU_ASSERT_STRING_EQUAL(val_type_name(T_FUNCTION), "function");
	CU_ASSERT_STRING_EQUAL(val_type_name(T_ERROR), "error");
	heap_done(h);
}

VALUE_MAIN("list", {"lists", test_lists}, {"types", test_types})
