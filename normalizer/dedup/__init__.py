"""Duplicates: is a complaint the *same report* as an older one (merge), or the *same incident* told by others (link)?

`report` is what is compared; `signature` and `keys` say under which keys a report is found again; `index` keeps
those keys in the database and finds candidates; `features` measures two reports against each other; `scoring` judges
them by `weights.yaml`; `cluster` turns the judgements of a batch into one verdict per report. Redelivery of one
message is settled elsewhere, by message ids. In doubt: link rather than merge, and nothing rather than link.
"""
