# Runs the example for CI, where its client's library is there.
# usage: test_example_ci.sh RUN
"$PYTHON" -c "import impacket" 2>/dev/null || exit 77
exec sh "$1"
