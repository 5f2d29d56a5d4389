"""The judgement of hits that keep coming: a bounded state, and what each batch changes."""
