drop index holds_notes_idx;
