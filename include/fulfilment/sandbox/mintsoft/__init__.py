"""A Mintsoft account with its warehouse: the part of the REST API that an order and stock integration needs.

Names and types of every answer are those of Mintsoft's Swagger (`https://api.mintsoft.co.uk/swagger/docs/v1`, version
8.5.28), against which the tests hold them. What the Swagger leaves open follows the help centre
(help-mintsoft.theaccessgroup.com): articles 11686761 (create an order), 11694780 (split orders), 11588522 (statuses),
and what integrators saw: a 401 without a body, keys of 24 hours, silent page caps, `OnHand` net of what is allocated.
Nothing is published of the wording of refusals: those here are invented.

`app.create_app` is the account as an ASGI application; `python -m include.fulfilment.sandbox.mintsoft` serves it.
"""
