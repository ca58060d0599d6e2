/* See pages.h. */
#include <sys/mman.h>

#include <link.h>
#include <stdint.h>
#include <unistd.h>

#include "base/macros.h"
#include "workers/pages.h"

/* What may be written holds relocations and data: those are no longer the
 * file's. */
static int
forget(
    struct dl_phdr_info *info, size_t size ATTR_UNUSED, void *arg ATTR_UNUSED)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE) - 1, from, to;
	const ElfW(Phdr) * p;
	size_t i;

	for (i = 0; i < info->dlpi_phnum; i++) {
		p = &info->dlpi_phdr[i];
		if (p->p_type != PT_LOAD || (p->p_flags & PF_W) != 0)
			continue;
		from = (info->dlpi_addr + p->p_vaddr) & ~page;
		to = (info->dlpi_addr + p->p_vaddr + p->p_memsz + page) & ~page;
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 1; /* the program comes first, and its libraries are others' */
}

void
pages_forget(void)
{
	dl_iterate_phdr(forget, NULL);
}
