"""The pages for people as one WSGI application, with their style, script and pictures."""

from django.core.wsgi import get_wsgi_application

from strongroom.web import assets, flow

application = assets.served_before(flow.handing_over(get_wsgi_application()))
