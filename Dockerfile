# `astro dev start` builds this. The tag is Astronomer's: Airflow's minor version, then the build.
FROM astrocrpublic.azurecr.io/runtime:3.3-2
# The connection types: Airflow takes them from an installed package only.
RUN pip install --no-cache-dir --no-deps ./provider
