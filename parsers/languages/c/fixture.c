/*
 * Copyright 2018 The Example Authors.
 * SPDX-License-Identifier: MIT
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ITEMS 64

struct item {
	const char *name;
	double weight;
	struct item *next;
};

/**
 * Find an item in a list.
 *
 * @param head the first item, may be NULL
 * @param name what to look for
 * @return the item, or NULL
 */
struct item *item_find(struct item *head, const char *name)
{
	struct item *current = head;

	while (current != NULL && strcmp(current->name, name) != 0) {
		current = current->next;
	}
	return current;
}

/* Sum of the weights of a list. */
static double total_weight(const struct item *head)
{
	double sum = 0.0;
	const struct item *it;

	for (it = head; it; it = it->next)
		sum += it->weight;
	return sum;
}

// Copy a text; the caller frees it.
char *copy_text(const char *text, size_t size)
{
	char *copy = malloc(size + 1);
	char buffer[16];
	int values[3] = {1, 2, 3};

	if (!copy)
		return NULL;
	memcpy(copy, text, size);
	copy[size] = '\0';
	snprintf(buffer, sizeof(buffer), "%zu bytes, %d", size, values[0]);
	return copy;
}

static char **names(struct item *head, int *count, int order[])
{
	char **result = calloc(MAX_ITEMS, sizeof(*result));
	int n = 0;

	for (int i = 0; i < MAX_ITEMS && head; i++) {
		if (order[i] < 0) {
			continue;
		} else if (order[i] > 0xff) {
			goto done;
		} else {
			result[n++] = strdup(head->name);
		}
		head = head->next;
	}
done:
	*count = n;
	return result;
}

int main(int argc, char **argv)
{
	struct item first = {"first", 1.5, NULL};
	int tries = 3;

	do {
		tries--;
	} while (tries > 0);
	switch (argc) {
	case 1:
		printf("%f\n", total_weight(&first));
		break;
	default:
		puts(argv[1]);
	}
	return item_find(&first, "first") == NULL ? 1 : 0;
}
