# One image for every process of the service: web, worker, dispatcher, migrations.
#
# NOT BUILT where it was written: no container engine was at hand. Its steps are those
# of `make install`, plus a wheel; they were tried one by one outside a container.
# compose.yaml shows how it is meant to run.

FROM python:3.13-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
# The script that developers use: hashes are checked, builds are pinned, and node
# comes with the Python packages.
RUN .ci/install
# The wheel carries templates, translations and assets.
RUN .venv/bin/uv build --wheel --no-build-isolation --offline --out-dir /wheels
# Into a place of their own: what runs, without tools and without embedded servers.
RUN python -m venv --without-pip /opt/loyalty \
 && .venv/bin/uv pip install --python /opt/loyalty/bin/python --no-cache \
      --no-build-isolation-package lightfm-next --compile-bytecode \
      --constraints requirements.lock /wheels/*.whl

FROM python:3.13-slim-bookworm
# LightFM's compiled part needs OpenMP.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgomp1 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin loyalty \
 && install -d -o loyalty -g loyalty /var/lib/loyalty
COPY --from=build /opt/loyalty /opt/loyalty
COPY wsgi.py /opt/loyalty/wsgi.py
ENV PATH=/opt/loyalty/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /opt/loyalty
USER loyalty
# Trained models; the only place that anything is written to.
VOLUME /var/lib/loyalty
EXPOSE 8000
ENTRYPOINT ["loyalty"]
CMD ["web"]
