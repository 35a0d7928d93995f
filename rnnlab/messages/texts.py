"""Error messages of what a model learns: texts, corpora, tagged sentences; see `rnnlab.messages`."""

from __future__ import annotations

TEXTS = {
    # text and corpora
    "bad_vocabulary": "{field}: {value} cannot stand at place {place}: a vocabulary is a list of distinct texts, with "
    "<unk> first if it has one; give another copy of it.",
    "not_in_vocabulary": "{field}: the vocabulary lacks {characters}; use only what it holds.",
    "not_an_id": "{field}: no token has the number {value}; give numbers from 0 to {high}.",
    "file_kind": "{field}: {value} is not a kind of file that is read; give plain text (UTF-8) in a .txt file, or a "
    ".zip with .txt files inside.",
    "file_not_found": "{field}: there is no text at {value}; give the path of a .txt or .zip file, or of a folder with "
    ".txt files.",
    "folder_files": "{field}: {value} holds more than {high} texts; give a folder with fewer, or join them into one "
    ".txt file.",
    "document": "{field}: {value} is not plain text but {kind}; open it and save it as plain text (UTF-8), with a name "
    "that ends in .txt.",
    "file_unreadable": "{field}: the file {value} cannot be read; check its name and its permissions.",
    "too_many_bytes": "{field}: the text or its file is too large; give at most {high} bytes.",
    "not_decodable": "{field}: its encoding is not recognised; save it as UTF-8.",
    "not_decodable_file": "{field}: the encoding of {value} is not recognised; save it as UTF-8, or leave it out.",
    "not_as_marked": "{field}: its first bytes say {encoding}, and the rest is not; save it as UTF-8.",
    "damaged_utf8": "{field}: line {line} is not UTF-8, although the rest is; mend that line, and save it as UTF-8.",
    "binary": "{field}: it holds NUL characters, so it is not plain text; give a text saved as UTF-8.",
    "zip_damaged": "{field}: the zip file is damaged, or not a zip file; make it anew.",
    "zip_members": "{field}: the zip file holds {members} files, and {high} are allowed; zip only the texts.",
    "zip_encrypted": "{field}: {value} in the zip file is encrypted; make a zip file without a password.",
    "zip_link": "{field}: {value} in the zip file is a symbolic link; zip the text itself.",
    "zip_nested": "{field}: {value} in the zip file is an archive itself; zip the text itself.",
    "zip_without_text": "{field}: the zip file holds no .txt file; put one in, as plain text (UTF-8).",
    "zip_compression": "{field}: {value} is compressed in an unusual way; make an ordinary (deflated) zip file.",
    "min_freq_too_high": "{field}: nothing in the text occurs {value} times; give a smaller number.",
    "too_few_tokens": "{field}: {tokens} token(s) are too few to learn from; give at least {low}.",
    "nothing_to_evaluate": "{field}: the model knows {known} of its {tokens} token(s), and {low} are needed; give "
    "a longer text, in the writing that the model has learned.",
    "held_out_too_short": "{field}: {value} of {tokens} tokens leaves fewer than {low} on one side; give a longer "
    "text, another share, or 0.",
    "less_than_a_batch": "{field}: {tokens} tokens are fewer than one batch of {batch_size} × {num_steps} needs; "
    "give at least {low}, or lower @batch_size or @num_steps.",
    # tagged sentences
    "conllu_columns": "{field}: line {line} has {columns} column(s) where CoNLL-U has {wanted}, with tabs between; "
    "give a .conllu file.",
    "conllu_line": "{field}: line {line} is not CoNLL-U ({value}); it needs a number, a word, a lemma and a tag.",
    "conllu_no_tag": "{field}: line {line} has no tag in its fourth column (UPOS); give every word one.",
    "conllu_empty": "{field}: there is no sentence in it; give a .conllu file with words and tags.",
    "conllu_no_words": "{field}: its words were taken out, {value} stands in their place; give a file with words.",
    "conllu_skipped": "{field}: {count} line(s) hold no tagged word and were passed over, the first is line {line}.",
    "conllu_parted": "{field}: {count} sentence(s) of more than {high} words were read in parts, the first begins at "
    "line {line}.",
    "conllu_first_sentences": "{field}: the first {taken} of {total} sentences were taken; the rest was left out.",
    "conllu_first_bytes": "{field}: the first {taken} sentences, those in the first {high} MB, were taken; the rest "
    "was left out.",
    "conllu_tags": "{field}: it uses more than {high} different tags; give a file with part-of-speech tags.",
    "tagger_too_large": "{field}: a tagger with {parameters} numbers to learn is too large, at most {high} are "
    "allowed; lower @hidden_size, @num_layers, @embedding_size or @character_size, or give fewer different words.",
    "tag_nothing_trained": "{field}: nothing is trained here, so {flag} has no effect; leave it out, or add --train or "
    "--corpus.",
    "tag_no_effect": "{field}: {flag} has no effect beside {other}; leave out one of the two.",
    "tag_language": "{field}: it chooses among the taggers that ship, and here one is trained; leave it out, or give "
    "only --text.",
    "too_few_sentences": "{field}: {sentences} sentence(s) leave nothing to train on when some are held out; give "
    "at least {low}.",
    "not_tokens": "{field}: {value} is not a list of words; give the words of a sentence one by one.",
    "no_tokens": "{field}: there is no word to tag; give a sentence.",
    "too_many_tokens": "{field}: {length} words are too many for one sentence; give at most {high}.",
}
