#include "measure.h"

#include "utf8.h"

void
measure_start(struct measure *m, enum measure_unit unit, const char *text)
{
	*m = (struct measure){.unit = unit, .text = text};
}

void
measure_go(struct measure *m, uint32_t at)
{
	m->chars += (uint32_t)utf8_count(m->text + m->at, at - m->at);
	m->at = at;
	m->from = m->to = m->unit == MEASURE_CHARS ? m->chars : at;
}

uint32_t
measure_text(const struct measure *m, const char *text, size_t n)
{
	return (uint32_t)(m->unit == MEASURE_CHARS ? utf8_count(text, n) : n);
}
