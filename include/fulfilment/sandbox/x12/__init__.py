"""An X12 partner: a warehouse whose only door is a mailbox folder. It reads 940 and 997, and answers with 997, 945,
846, 944 and 947.

The standard has no machine-readable schema that may be shipped; segments and elements follow release 004010 as the EDI
dictionary prints it (zenbridge.io/edi-dictionary/X12/4010). This is a parser and writer of its own.
"""
