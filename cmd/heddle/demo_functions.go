package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"heddle/examples"
	"heddle/internal/client"
)

// deployFunctions stores the functions of the examples, and calls each of them,
// so that the tour finds them warm. What cannot run on this machine is an HTTP
// endpoint instead. It returns a text about each: where it runs.
func (d *demo) deployFunctions(ctx context.Context, api *client.Client, endpoints string) ([]string, error) {
	functions := examples.Functions()
	texts, reasons := make([]string, len(functions)), make([]string, len(functions))
	group, ctx := errgroup.WithContext(ctx)
	for i, f := range functions {
		group.Go(func() error {
			runtime, reason, err := d.deployFunction(ctx, api, f)
			texts[i] = fmt.Sprintf("%s (%s)", f.Name, runtime)
			if err != nil || reason == "" {
				return err
			}
			texts[i], reasons[i] = f.Name+" (HTTP)", reason
			return deployEndpoint(ctx, api, f, endpoints+f.Path)
		})
	}
	err := group.Wait()
	d.tellReasons(functions, reasons)
	return texts, err
}

// tellReasons says on one line which functions cannot run, and why the first of
// them cannot.
func (d *demo) tellReasons(functions []examples.Function, reasons []string) {
	var names []string
	var first string
	for i, reason := range reasons {
		if reason != "" {
			names = append(names, functions[i].Name)
			first = cmp.Or(first, reason)
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(d.err, "heddle: %s are HTTP endpoints of the demo, since they cannot run: %s\n", strings.Join(names, ", "), printable(first))
	}
}

// deployFunction deploys a function and calls it. It returns where it runs,
// and the reason why it cannot, or an error if that is not known.
func (d *demo) deployFunction(ctx context.Context, api *client.Client, f examples.Function) (runtime, reason string, err error) {
	m, code, err := d.readFunction(f.Directory)
	if err != nil {
		return "", "", err
	}
	if _, _, err = deployFunction(ctx, api, f.URN, m.config(), code); err != nil {
		reason, err = refusalText(err)
		return m.Runtime, reason, err
	}
	done, err := api.Invoke(ctx, f.URN, strings.TrimSpace(f.Event))
	if err != nil {
		reason, err = refusalText(err)
		return m.Runtime, reason, err
	}
	failure, _ := done.Failure()
	return m.Runtime, failure.Message, nil
}

// refusalText returns what the server says, or the error if it says nothing.
func refusalText(err error) (string, error) {
	var refusal *client.Error
	if errors.As(err, &refusal) {
		return refusal.Message, nil
	}
	return "", err
}

// deployEndpoint stores a function that is at a URL, in the place of the one that
// could not run.
func deployEndpoint(ctx context.Context, api *client.Client, f examples.Function, url string) error {
	var refusal *client.Error
	if err := api.DeleteFunction(ctx, f.URN); err != nil && !errors.As(err, &refusal) {
		return err
	}
	m := manifest{
		Name: f.Name, Package: packageDefault, Runtime: runtimeHTTP,
		Timeout: timeoutDefault, MemorySize: memoryDefault, Handler: handlerOfCustom,
	}
	_, err := api.CreateFunction(ctx, m.config(), client.FunctionCode{Type: "url", URL: url})
	if err != nil {
		return fmt.Errorf("deploy the endpoint %s: %w", f.Name, err)
	}
	return nil
}
