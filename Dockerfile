# syntax=docker/dockerfile:1
# `docker build --target sidecar .` makes the assistant alone; the last stage adds the handbook, as an example of a book.

FROM python:3.11-slim AS packages
WORKDIR /src
# What builds Booklight is pinned like what it runs on, and stays out of the image.
RUN apt-get update && apt-get install --yes --no-install-recommends binutils \
    && python -m venv /opt/booklight && python -m venv /opt/build
ENV PATH=/opt/booklight/bin:$PATH
COPY requirements.lock requirements-build.lock ./
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --requirement requirements.lock \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes --only-binary :all: --requirement requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY ingest/booklight_ingest ingest/booklight_ingest
COPY backend/booklight backend/booklight
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /opt/build/wheels . \
    && pip install --no-cache-dir --no-deps --no-index /opt/build/wheels/*.whl
COPY scripts/slim_packages.py scripts/
# Bytecode is kept of what a start imports alone: it halves the time of a start, and nothing is written later.
RUN /opt/build/bin/python scripts/slim_packages.py /opt/booklight/lib/python3.11/site-packages \
    && python -c "import booklight.assembly, booklight.serving, booklight_ingest.index.collection_generations"

FROM python:3.11-slim AS sidecar
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin booklight \
    && install --directory --owner booklight --group booklight /data
COPY --from=packages /opt/booklight /opt/booklight
ENV PATH=/opt/booklight/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BOOKLIGHT_INDEX_PATH=/data/index \
    BOOKLIGHT_DATABASE_URL=sqlite:////data/booklight.db
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8000/assistant/health', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["booklight"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

FROM node:24-slim AS book
WORKDIR /src
COPY package.json package-lock.json ./
COPY site-plugin/package.json site-plugin/
COPY book/package.json book/
RUN npm ci
COPY site-plugin site-plugin
COPY book book
# There is no .git here, so that the commit has to be given: --build-arg BOOKLIGHT_COMMIT=$(git rev-parse HEAD)
ARG BOOKLIGHT_COMMIT=""
ENV BOOKLIGHT_COMMIT=$BOOKLIGHT_COMMIT
RUN npm run build --workspace site-plugin && npm run build --workspace book --ignore-scripts

FROM sidecar AS with-book
COPY --from=book /src/book/build /book/build
# Its sources too, from which `booklight index /book/build/booklight/pages.json` reads the text.
COPY --from=book /src/book/docs /book/docs
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--site", "/book/build"]
