/* Objects of the kernel that outlive who made them. */
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

#include "attack.h"

/* What is left in the namespace of the caller; ATTACK_TIDY: no longer. */
static bool
shared_memory_left(const char *arg)
{
	int id = shmget((key_t)attack_number(arg), 0, 0);

	if (id != -1 && attack_tidies())
		(void)shmctl(id, IPC_RMID, NULL);
	return id != -1;
}

static bool
shared_memory(const char *arg)
{
	bool made =
	    shmget((key_t)attack_number(arg), 4096, IPC_CREAT | 0600) != -1;

	return made && (!attack_tidies() || shared_memory_left(arg));
}

static bool
message_queue_left(const char *arg)
{
	char name[64];
	mqd_t q;

	snprintf(name, sizeof(name), "/%s", arg);
	q = mq_open(name, O_RDWR);
	if (q != -1 && attack_tidies())
		mq_unlink(name);
	return q != -1;
}

static bool
message_queue(const char *arg)
{
	char name[64];

	snprintf(name, sizeof(name), "/%s", arg);
	return mq_open(name, O_RDWR | O_CREAT, 0600, NULL) != -1 &&
	    (!attack_tidies() || message_queue_left(arg));
}

const struct attack ipc_attacks[] = {
    {"queue",      message_queue     },
    {"queue-left", message_queue_left},
    {"shm-left",   shared_memory_left},
    {"shm",        shared_memory     },
    {NULL,         NULL              },
};
