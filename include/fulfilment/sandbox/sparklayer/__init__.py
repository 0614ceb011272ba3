"""A SparkLayer site for the demo and the tests: its Purchasing, Stock and Customers API as far as a warehouse link
needs it, and a control door through which people act.

There is no vendor schema to check it against: SparkLayer's OpenAPI files are not public to us. It follows the pages
under https://docs.sparklayer.io/developers/api and https://docs.sparklayer.io/tech-docs (each module names its own);
where they are silent it is stricter than it need be, so that a guess shows.
"""
