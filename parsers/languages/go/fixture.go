// Copyright 2018 The Example Authors. All rights reserved.

package queue

import (
	"errors"
	"fmt"
	"strings"
)

const limit = 16

// Job is something to do.
type Job struct {
	Name   string
	Weight float64
	next   *Job
}

// Queue holds jobs in order.
type Queue struct {
	head *Job
	size int
}

// Push puts a job at the end.
// It fails when the queue is full.
func (q *Queue) Push(job *Job) error {
	if q.size >= limit || job == nil {
		return errors.New("queue: full")
	}
	if q.head == nil {
		q.head = job
	} else {
		last := q.head
		for last.next != nil {
			last = last.next
		}
		last.next = job
	}
	q.size++
	return nil
}

// Len gives the number of jobs.
func (q Queue) Len() int {
	return q.size
}

/*
Join writes the names of the jobs,
with a separator between them.
*/
func Join(sep string, jobs ...*Job) (text string, err error) {
	var names []string
	var total, weight = 0.0, 1.5
	const most = 0x20
	for _, job := range jobs {
		if job.Name == "" {
			continue
		} else if len(names) > most {
			break
		}
		names = append(names, job.Name)
		total += job.Weight * weight
	}
	for i := 0; i < len(names); i++ {
		names[i] = strings.TrimSpace(names[i])
	}
	defer fmt.Println(`joined`, total)
	return strings.Join(names, sep), nil
}

func drain(q *Queue, done chan bool) {
	for {
		job := q.head
		if job == nil {
			break
		}
		q.head, q.size = job.next, q.size-1
		go func(name string) {
			fmt.Printf("%s\n", name)
		}(job.Name)
	}
	switch q.size {
	case 0:
		done <- true
	default:
		panic("not empty")
	}
}
