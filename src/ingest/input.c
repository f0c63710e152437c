#include "input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "ingest.h"
#include "report.h"

enum { READ_SIZE = 1 << 18 };

ssize_t
ingest_input_fill(struct ingest *in, int fd, struct buf *data)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t n;

	if (poll(&p, 1, 0) == 0)
		ingest_report_idle(in);
	buf_reserve(data, READ_SIZE);
	do
		n = read(fd, data->data + data->len, READ_SIZE);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		data->len += (size_t)n;
		data->data[data->len] = '\0';
	}
	return n;
}
