# sounder on Debian 12. Run it with the one capability that it needs, and a configuration:
#   docker build -t sounder .
#   docker run --rm --cap-drop ALL --cap-add NET_RAW -p 127.0.0.1:19719:19719 -v ./sounder.yaml:/etc/sounder/sounder.yaml:ro sounder
FROM debian:12 AS build
WORKDIR /src
# The packages first: they change less often than the sources.
COPY scripts/install-deps scripts/packages.txt scripts/
RUN scripts/install-deps build package
COPY . .
RUN cmake --preset release && cmake --build --preset release --target sounder && cd build/release && cpack -G DEB

FROM debian:12-slim
COPY --from=build /src/build/release/sounder_*.deb /tmp/
# The package brings its own dependencies. A file capability lets a user who is not root have raw sockets.
RUN apt-get -qq update \
    && apt-get -qq install -y --no-install-recommends /tmp/sounder_*.deb libcap2-bin \
    && setcap cap_net_raw+ep /usr/bin/sounder \
    && apt-get -qq purge -y libcap2-bin && apt-get -qq autoremove -y \
    && rm -rf /var/lib/apt/lists/* /tmp/sounder_*.deb
# Where programs of this container, or of others that share the volume, connect to the broker.
RUN install -d -o 65534 -g 65534 -m 0755 /run/sounder
VOLUME /run/sounder
USER 65534:65534
EXPOSE 19719
# In a container the listener has to leave loopback to be reached; -p above decides who reaches it.
ENTRYPOINT ["/usr/bin/sounder"]
CMD ["run", "--listen", "0.0.0.0:19719"]
